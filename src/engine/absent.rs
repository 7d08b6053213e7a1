//! What is left out of a stored entity: whatever reads the same when it is absent.

/// Whether a field has its default, and need not be stored.
pub(super) fn is_default<T: Default + PartialEq>(field: &T) -> bool {
    *field == T::default()
}
