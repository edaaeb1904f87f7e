//! One file a subcommand.

pub(crate) mod convert;
pub(crate) mod list;
pub(crate) mod test;
