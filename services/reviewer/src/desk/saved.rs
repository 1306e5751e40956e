//! Lists that people come back to.

use events::Millis;

use super::Refusal;
use crate::asking::Asking;
use crate::store::{SavedView, Unit};

/// The most views that one person keeps.
const VIEWS_MAX: i64 = 50;

/// Keeps a view.
pub(crate) async fn save_view(
    unit: &mut Unit,
    asking: &Asking,
    view: SavedView,
    now: Millis,
) -> Result<SavedView, Refusal> {
    if unit.view_count(&asking.name).await? >= VIEWS_MAX {
        return Err(Refusal::TooManyViews);
    }
    unit.save_view(&view).await?;
    unit.append(asking.did("saveView", now).about(&view.id));
    Ok(view)
}

/// Forgets a view of one's own.
pub(crate) async fn forget_view(
    unit: &mut Unit,
    asking: &Asking,
    view: &str,
    now: Millis,
) -> Result<(), Refusal> {
    if !unit.forget_view(&asking.name, view).await? {
        return Err(Refusal::Unknown);
    }
    unit.append(asking.did("forgetView", now).about(view));
    Ok(())
}
