//! `isogloss`: Sigma detection rules to Splunk SPL, Elastic EQL and Kibana KQL.

mod advice;
mod baseline;
mod cli;
mod command;
mod config;
mod count;
mod coverage;
mod exit;
mod findings;
mod fingerprint;
mod input;
mod json;
mod known;
mod lock;
mod manifest;
mod outcome;
mod output;
mod pipelines;
mod plan;
mod policy;
mod progress;
mod report;
mod staging;
mod threads;

use std::process::ExitCode;

use exit::Exit;

fn main() -> ExitCode {
    run().into()
}

fn run() -> Exit {
    let arguments = cli::parse();
    match arguments.command {
        cli::Command::Build(build) => command::build::run(&build),
        cli::Command::Convert(convert) => command::convert::run(&convert),
        cli::Command::Explain(explain) => command::explain::run(&explain),
        cli::Command::Test(test) => command::test::run(&test),
        cli::Command::Check(check) => command::check::run(&check),
        cli::Command::List(list) => command::list::run(&list),
        cli::Command::Init(init) => command::init::run(&init),
    }
}
