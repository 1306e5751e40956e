//! Notes on cases.

use anyhow::Context;
use review::{CaseId, Note, NoteCode};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::cases::{case_id, integer, millis};
use super::{Result, Unit};

impl Unit {
    /// Keeps a new note.
    pub(crate) async fn save_note(&mut self, note: &Note) -> Result<()> {
        sqlx::query(
            "INSERT INTO notes (note_id, case_id, code, about_case, written_by, written_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(note.id.clone())
        .bind(note.case.to_string())
        .bind(note.code.as_str().to_owned())
        .bind(note.about.as_ref().map(CaseId::to_string))
        .bind(note.by.clone())
        .bind(integer(note.at))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Every note on a case, oldest first.
    pub(crate) async fn notes_of(&mut self, case: &CaseId) -> Result<Vec<Note>> {
        let query = sqlx::query("SELECT * FROM notes WHERE case_id = $1 ORDER BY written_at, note_id");
        let rows = query.bind(case.to_string()).fetch_all(self.db()).await?;
        Ok(rows.iter().map(note).collect::<anyhow::Result<_>>()?)
    }
}

fn note(row: &AnyRow) -> anyhow::Result<Note> {
    Ok(Note {
        id: row.get("note_id"),
        case: case_id(&row.get::<String, _>("case_id"))?,
        code: NoteCode::parse(&row.get::<String, _>("code")).context("a stored note is none")?,
        about: row.get::<Option<String>, _>("about_case").as_deref().map(case_id).transpose()?,
        by: row.get("written_by"),
        at: millis(row.get("written_at")),
    })
}
