//! A file of shifts as the messages of `ImportSchedule`, for those who send one.

use prost::bytes::Bytes;

use crate::proto::v1::{ImportOptions, ImportScheduleRequest, import_schedule_request::Part};

/// Bytes of the file in a message.
const CHUNK: usize = 256 * 1024;

/// The messages, made one by one as they are sent.
pub fn upload(
    options: ImportOptions,
    file: Bytes,
) -> impl Iterator<Item = ImportScheduleRequest> + Send + 'static {
    let starts = (0..file.len()).step_by(CHUNK);
    let chunks = starts.map(move |at| {
        let end = file.len().min(at + CHUNK);
        Part::Chunk(file[at..end].to_vec())
    });
    let parts = std::iter::once(Part::Options(options)).chain(chunks);
    parts.map(|part| ImportScheduleRequest { part: Some(part) })
}
