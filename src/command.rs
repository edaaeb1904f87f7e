//! One file a subcommand.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod convert;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod test;
