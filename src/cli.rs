//! The command line: what can be typed, and nothing else.

mod options;

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::policy::{Level, Setting};
use options::parse_release;
pub(crate) use options::{Configuration, Deployed, PipelineChoice, Selecting};

/// Translate Sigma detection rules into Splunk SPL, Elastic EQL and Kibana KQL.
///
/// A translation is exact, or its loss is written down, or it is refused.
#[derive(Debug, Parser)]
#[command(name = "isogloss", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Translate rules into queries
    Convert(Box<Convert>),
    /// Show what a code means, or a rule stage by stage
    Explain(Explain),
    /// Evaluate rules on events, or run the expectations (*.test.yml) beside them
    Test(Box<Test>),
    /// Look for mistakes in rules, and for what each target would refuse or lose
    Check(Box<Check>),
    /// Build what a SIEM imports, for all targets of isogloss.toml
    Build(Box<Build>),
    /// Show what there is: targets, formats, pipelines, modifiers or codes
    List(List),
    /// Write a commented isogloss.toml
    Init(Init),
}

impl Command {
    fn talk_mut(&mut self) -> Option<&mut Talk> {
        match self {
            Self::Convert(convert) => Some(&mut convert.talk),
            Self::Check(check) => Some(&mut check.talk),
            Self::Test(test) => Some(&mut test.talk),
            Self::Build(build) => Some(&mut build.talk),
            Self::Explain(_) | Self::List(_) | Self::Init(_) => None,
        }
    }
}

/// `isogloss convert`
#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// Rules: files, folders (searched for *.yml and *.yaml), or - for standard input
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,

    /// Languages, separated by commas or repeated: spl, eql, kql, elastic (the better of eql and kql
    /// for each rule); without it those of isogloss.toml
    #[arg(short, long = "target", value_delimiter = ',')]
    pub(crate) targets: Vec<String>,

    #[command(flatten)]
    pub(crate) selecting: Selecting,

    #[command(flatten)]
    pub(crate) pipeline: PipelineChoice,

    /// The form of the output: query, json; for spl also raw, analytic, tstats, macros
    #[arg(short, long, default_value = "query")]
    pub(crate) format: String,

    /// Where to write: a folder (one file a rule and target) if it exists as one or ends in /, else one file
    #[arg(short, long)]
    pub(crate) output: Option<String>,

    /// Macros in SPL: call them, or put their definitions in their place
    #[arg(long, value_enum, default_value_t = Macros::Keep)]
    pub(crate) macros: Macros,

    /// One line a query
    #[arg(long)]
    pub(crate) compact: bool,

    #[command(flatten)]
    pub(crate) talk: Talk,
}

/// `isogloss explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A code such as E0302, a kind of loss, a modifier, or a rule: a file, or - for standard input
    #[arg(value_name = "CODE|RULE")]
    pub(crate) subject: String,

    /// Files or folders of further rules: what RULE refers to, filters; without any, its own folder if it
    /// refers to rules that are not in its file
    #[arg(value_name = "CONTEXT")]
    pub(crate) context: Vec<PathBuf>,

    /// Languages, separated by commas or repeated; all of them if none is named
    #[arg(short, long = "target", value_delimiter = ',')]
    pub(crate) targets: Vec<String>,

    #[command(flatten)]
    pub(crate) pipeline: PipelineChoice,

    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,

    #[command(flatten)]
    pub(crate) configuration: Configuration,
}

/// `isogloss test`
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Rules, and expectations where no events are given: files, folders, or - for standard input
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,

    /// Events in JSON: files, folders (searched for *.json, *.ndjson and *.jsonl), or -
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) events: Vec<PathBuf>,

    /// What answers: the rules themselves (ir), or their queries in a language: spl, eql, kql, elastic
    #[arg(long)]
    pub(crate) via: Option<String>,

    /// Whose field names the events have: Sigma's (or Windows' own JSON), or those of the target
    #[arg(long, value_enum, default_value_t = EventsAre::Sigma, requires = "events")]
    pub(crate) events_are: EventsAre,

    /// The log source of all events, such as `category=file_event,product=windows`
    #[arg(long, value_name = "K=V,…", requires = "events")]
    pub(crate) logsource: Option<String>,

    /// The field with the time of an event, which correlations go by
    #[arg(long, value_name = "FIELD")]
    pub(crate) time_field: Option<String>,

    #[command(flatten)]
    pub(crate) pipeline: PipelineChoice,

    /// The form of the output
    #[arg(short, long, value_enum, default_value_t = TestFormat::Text, requires = "events")]
    pub(crate) format: TestFormat,

    #[command(flatten)]
    pub(crate) talk: Talk,
}

/// Whose field names events have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventsAre {
    /// Sigma's, or those of a Windows event in JSON
    Sigma,
    /// The target's, as exported from it
    Target,
}

/// The forms of the output of `test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// One line a rule that found something
    Text,
    /// One object
    Json,
}

/// `isogloss check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Rules: files, folders (searched for *.yml and *.yaml), or - for standard input
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,

    /// Languages to translate to, to see what they refuse or lose; without it those of isogloss.toml
    #[arg(short, long = "target", value_delimiter = ',')]
    pub(crate) targets: Vec<String>,

    #[command(flatten)]
    pub(crate) selecting: Selecting,

    #[command(flatten)]
    pub(crate) pipeline: PipelineChoice,

    /// Fail only on findings that are not in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Write all findings to this file, as the next baseline
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) talk: Talk,
}

/// `isogloss build`
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// Write nothing; fail if the lock file or the output is not what would be built
    #[arg(long)]
    pub(crate) check: bool,

    /// The release that was deployed last, if it is not the one before: what came after it is new. Each output
    /// has releases of its own: `elastic=12`, `prod.spl=3`; a number alone is that of all
    #[arg(long, value_name = "[OUTPUT=]RELEASE", value_delimiter = ',', value_parser = parse_release)]
    pub(crate) deployed: Vec<Deployed>,

    /// What Kibana has now, as it was exported (NDJSON): it decides what is new, and what operators have set
    /// is taken over
    #[arg(long, value_name = "FILE")]
    pub(crate) current: Option<PathBuf>,

    /// Let this rule change its name or its type
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) relock: Vec<String>,

    /// Take rules that are refused now out of what is deployed
    #[arg(long)]
    pub(crate) drop_refused: bool,

    /// A value of isogloss.toml for this run, such as `splunk.version=1.2.3`
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    #[command(flatten)]
    pub(crate) talk: Talk,
}

/// `isogloss init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder that the configuration is for; without it the current one
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
}

/// `isogloss list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// What to show
    #[arg(value_enum)]
    pub(crate) what: Listing,
}

/// What [`List`] can show.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Listing {
    /// The languages
    Targets,
    /// The forms of output of each language
    Formats,
    /// The built-in pipelines
    Pipelines,
    /// The modifiers of Sigma that are translated
    Modifiers,
    /// The codes of findings
    Codes,
}

/// What becomes of macros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Macros {
    /// Call them
    Keep,
    /// Put their definitions in their place
    Inline,
}

/// How findings are shown, and which of them count.
#[derive(Debug, Args)]
pub(crate) struct Talk {
    /// The form of findings
    #[arg(long, value_enum, default_value_t = MessageFormat::Pretty)]
    pub(crate) message_format: MessageFormat,

    /// Make these an error: a loss, `language`, `environment`, a direction, a code, `unsupported`, `all`
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    deny: Vec<String>,

    /// Warn of these
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    warn: Vec<String>,

    /// Say nothing of these
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    allow: Vec<String>,

    #[command(flatten)]
    pub(crate) configuration: Configuration,

    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,

    /// Show errors only
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Show every loss and note, however many rules there are
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Threads; 0 is one a core
    #[arg(short, long, default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=256))]
    pub(crate) jobs: u16,

    /// `--deny`, `--warn` and `--allow` in the order in which they were typed.
    #[arg(skip)]
    pub(crate) policy: Vec<Setting>,
}

/// The forms of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With the rule's text underlined
    Pretty,
    /// One line each
    Short,
    /// One JSON object each
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// One SARIF 2.1.0 document
    Sarif,
    /// One `JUnit` document, with a test case a rule
    Junit,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// The choice for a stream.
    pub(crate) fn choice(self) -> anstream::ColorChoice {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
    }
}

/// Reads the command line. Ends the program with usage on a mistake, and for `--help`.
pub(crate) fn parse() -> Arguments {
    let matches = Arguments::command().get_matches();
    let mut arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if let (Some(talk), Some((_, matches))) = (arguments.command.talk_mut(), matches.subcommand()) {
        talk.policy = settings(matches);
    }
    arguments
}

/// The last setting that names a thing wins, so their order matters over all three options.
fn settings(matches: &clap::ArgMatches) -> Vec<Setting> {
    let levels = [("deny", Level::Deny), ("warn", Level::Warn), ("allow", Level::Allow)];
    let mut settings: Vec<(usize, Setting)> = Vec::new();
    for (name, level) in levels {
        let places = matches.indices_of(name).into_iter().flatten();
        let words = matches.get_many::<String>(name).into_iter().flatten();
        settings.extend(
            places
                .zip(words)
                .map(|(place, word)| (place, Setting { level, subject: word.clone() })),
        );
    }
    settings.sort_by_key(|(place, _)| *place);
    settings.into_iter().map(|(_, setting)| setting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
