//! `isogloss`: Sigma detection rules to Splunk SPL, Elastic EQL and Kibana KQL.

mod cli;
mod command;
mod exit;
mod input;
mod json;
mod output;
mod pipelines;
mod policy;
mod report;

use std::process::ExitCode;

use exit::Exit;

fn main() -> ExitCode {
    run().into()
}

fn run() -> Exit {
    let arguments = cli::parse();
    match arguments.command {
        cli::Command::Convert(convert) => command::convert::run(&convert),
        cli::Command::Explain(explain) => command::explain::run(&explain),
        cli::Command::Test(test) => command::test::run(&test),
        cli::Command::List(list) => command::list::run(&list),
    }
}
