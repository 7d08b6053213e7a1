//! The program against a server of its own.
