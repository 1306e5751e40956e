//! Notes on cases.

use events::Millis;
use review::{CaseId, Note, NoteCode, Permission};

use super::cases::workable;
use super::{Refusal, fresh_name, looks, readable};
use crate::asking::Asking;
use crate::store::Unit;

/// Writes a note on an open case; on another case that it speaks of only where whoever writes may read that too. A note on
/// a second look is kept with the case that was decided.
pub(crate) async fn write_note(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    (code, about): (NoteCode, Option<CaseId>),
    now: Millis,
) -> Result<Note, Refusal> {
    let look = unit.look(case, &asking.name).await?;
    match &look {
        Some(look) => looks::not_over(look)?,
        None => drop(workable(unit, asking, case, Permission::CasesClaim).await?),
    }
    if let Some(about) = &about {
        readable(unit, asking, about).await?;
    }
    let by = asking.name.to_string();
    let on = look.map_or_else(|| case.clone(), |look| look.original);
    let note = Note { id: fresh_name('n')?, case: on, code, about, by, at: now };
    unit.save_note(&note).await?;
    let entry = asking.did("writeNote", now).about(case.as_str()).with("code", code.as_str());
    let about = note.about.iter().map(CaseId::as_str);
    unit.append(about.fold(entry, |entry, about| entry.with("other", about)));
    Ok(Note { case: case.clone(), ..note })
}
