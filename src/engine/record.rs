//! The stored form of an entity: a key and JSON bytes with a format number.

/// A stored entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Kind and id, such as `call/c-17`.
    pub key: String,
    /// JSON with a format number.
    pub value: Vec<u8>,
}

/// An entity's new bytes or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// The entity is now this.
    Put(Record),
    /// The entity is gone.
    Delete(String),
}

impl Delta {
    /// The entity's key.
    pub fn key(&self) -> &str {
        match self {
            Self::Put(record) => &record.key,
            Self::Delete(key) => key,
        }
    }
}
