//! A file on its way from a page to the services.

use std::sync::Arc;

use axum::{
    Form,
    body::Bytes,
    extract::{Multipart, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use tonic::Status;

use super::{Done, checked, kept::Looked, overview};
use crate::{
    api::schedule,
    clock,
    console::{
        Console,
        orders::request_id,
        services::{refusal, to},
        visitor::Visitor,
    },
    pool::Pool,
    proto::v1,
};

/// Characters of a file's name that are kept: the service takes 128 bytes.
const NAME_CHARS: usize = 32;

/// A file, and how it is to be read.
#[derive(Default)]
pub(super) struct Upload {
    pub(super) file: String,
    pub(super) bytes: Bytes,
    zone: String,
    replaces: bool,
    agent: String,
}

impl Upload {
    /// What a form has.
    async fn read(mut form: Multipart) -> Result<Self, String> {
        let mut upload = Self::default();
        let told = |problem: axum::extract::multipart::MultipartError| problem.body_text();
        while let Some(field) = form.next_field().await.map_err(told)? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "file" {
                let given = field.file_name().unwrap_or_default();
                // The end of a name says what kind of file it is.
                let from = given.chars().count().saturating_sub(NAME_CHARS);
                upload.file = given.chars().skip(from).collect();
                upload.bytes = field.bytes().await.map_err(told)?;
                continue;
            }
            let value = field.text().await.map_err(told)?;
            match name.as_str() {
                "zone" => value.trim().clone_into(&mut upload.zone),
                "mode" => upload.replaces = value == "replace",
                "agent" => value.trim().clone_into(&mut upload.agent),
                _ => {}
            }
        }
        Ok(upload)
    }

    #[cfg(test)]
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Self {
        Self {
            bytes: bytes.into(),
            ..Self::default()
        }
    }

    fn options(&self, planner: &str, reason: &str, version: Option<i64>) -> v1::ImportOptions {
        let mode = if self.replaces {
            v1::ImportMode::Replace
        } else {
            v1::ImportMode::Merge
        };
        v1::ImportOptions {
            file: self.file.clone(),
            zone: self.zone.clone(),
            mode: mode.into(),
            validate_only: version.is_none(),
            version,
            planner: planner.to_owned(),
            override_reason: reason.to_owned(),
            agent_id: self.agent.clone(),
        }
    }

    /// The zone of its local times.
    pub(super) fn zone(&self) -> &str {
        &self.zone
    }
}

/// Has the service check a file, or publish it upon a version.
async fn import(
    console: &Console,
    pool: &str,
    upload: &Upload,
    options: v1::ImportOptions,
) -> Result<v1::ImportScheduleResponse, Status> {
    let requests = schedule::upload(options, upload.bytes.clone());
    let mut service = console.services.schedules();
    let requests = to(pool, tokio_stream::iter(requests));
    service
        .import_schedule(requests)
        .await
        .map(tonic::Response::into_inner)
}

/// Looks at a file, and changes nothing.
pub(super) async fn check(
    State(console): State<Console>,
    visitor: Visitor,
    Path(pool): Path<String>,
    form: Multipart,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let upload = match Upload::read(form).await {
        Ok(upload) if !upload.file.is_empty() => upload,
        Ok(_no_file) => {
            let problem = visitor.words().say("file-missing").into_owned();
            return again(&console, &visitor, &known, vec![problem]).await;
        }
        Err(problem) => return again(&console, &visitor, &known, vec![problem]).await,
    };
    let options = upload.options(&visitor.name, "", None);
    let response = match import(&console, &pool, &upload, options).await {
        Ok(response) => response,
        Err(status) => return again(&console, &visitor, &known, refusal(&status)).await,
    };
    let looked = Looked {
        token: request_id(),
        pool,
        upload: Arc::new(upload),
        version: response.version,
        at: clock::wall(),
    };
    let shown = checked::show(&visitor, &looked, &response, false);
    if response.error_count == 0 {
        console.kept.keep(looked);
    }
    shown
}

/// The page of versions, with what was refused.
async fn again(
    console: &Console,
    visitor: &Visitor,
    known: &Pool,
    problems: Vec<String>,
) -> Response {
    overview(console, visitor, known, &Done::default(), problems).await
}

/// A file that was looked at, and why it is published though a rule forbids it.
#[derive(Deserialize)]
pub(super) struct Publish {
    token: String,
    #[serde(default)]
    reason: String,
}

/// Publishes a file that was looked at.
pub(super) async fn publish(
    State(console): State<Console>,
    visitor: Visitor,
    Path(pool): Path<String>,
    Form(asked): Form<Publish>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let Some(looked) = console.kept.find(&pool, &asked.token, clock::wall()) else {
        let problem = visitor.words().say("file-forgotten").into_owned();
        return again(&console, &visitor, &known, vec![problem]).await;
    };
    let reason = asked.reason.trim();
    let options = looked
        .upload
        .options(&visitor.name, reason, Some(looked.version));
    match import(&console, &pool, &looked.upload, options).await {
        Ok(response) if response.published => {
            console.kept.forget(&looked.token);
            let to = format!("/pools/{pool}/schedule?published={}", response.version);
            Redirect::to(&to).into_response()
        }
        Ok(response) => checked::show(&visitor, &looked, &response, true),
        Err(status) => again(&console, &visitor, &known, refusal(&status)).await,
    }
}
