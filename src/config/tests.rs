mod sample;

use std::path::Path;

use isogloss_compiler::File as Source;
use isogloss_compiler::source::SourceId;

use super::target::Format;
use super::*;
use crate::policy::Level;
use isogloss_backends::content::splunk::{EnterpriseSecurity, MacroSource};

fn parse(text: &str) -> Config {
    let mut mistakes = Vec::new();
    let written = file::parse(SourceId(0), text, &mut mistakes);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let folder = PathBuf::from("/rules");
    Config { written: written.unwrap(), folder, ..Config::default() }.settle()
}

fn document(keys: &str) -> Document {
    let text = format!("title: a\n{keys}\n{LOGSOURCE}{DETECTION}");
    Source::read(SourceId(0), &text).documents.remove(0)
}

const LOGSOURCE: &str = "logsource: {product: windows, category: process_creation}\n";
const DETECTION: &str = "detection: {selection: {a: b}, condition: selection}\n";

fn selects(config: &Config, path: &str, keys: &str) -> bool {
    let document = document(keys);
    let logsources: Vec<&Logsource> =
        document.rule().map(|it| &it.logsource.value).into_iter().collect();
    config.selects(path, &document, &logsources)
}

#[test]
fn paths_are_relative_to_the_configuration() {
    let here = std::env::current_dir().unwrap();
    assert_eq!(relative(&here, Path::new("./rules/../rules/a.yml")), "rules/a.yml");
    assert_eq!(relative(&here.join("rules"), Path::new("rules/a.yml")), "a.yml");
    assert_eq!(relative(&here, &here.join("a.yml")), "a.yml");
    assert_eq!(relative(&here.join("x"), Path::new("rules/a.yml")), "rules/a.yml");
    assert_eq!(from(&here.join("x/y"), Path::new("rules/a.yml")), "../../rules/a.yml");
    assert_eq!(from(&here.join("rules"), Path::new("./rules/b/../a.yml")), "a.yml");
}

#[test]
fn a_rule_is_selected_if_all_keys_hold_and_none_excludes_it() {
    const ID: &str = "id: 4C1B9D0E-6f57-4b0a-9a53-1e0f0a4f3c11";
    for (select, keys, wanted) in [
        ("", "", true),
        ("ids = ['4c1b9d0e-6f57-4B0A-9a53-1e0f0a4f3c11']", ID, true),
        ("ids = ['x']", ID, false),
        ("ids = []", ID, false),
        ("paths = ['rules/*.yml']", "", true),
        ("paths = ['*.yml']", "", false),
        ("status = ['stable', 'test']", "status: test", true),
        ("status = ['stable']", "status: test", false),
        ("status = ['stable']", "", false),
        ("levels = ['low']", "level: low", true),
        ("levels = ['low']", "level: high", false),
        ("min_level = 'medium'", "level: medium", true),
        ("min_level = 'medium'", "level: low", false),
        ("min_level = 'medium'", "", false),
        ("tags = ['attack.t1059*']", "tags: [attack.execution, attack.t1059.001]", true),
        ("tags = ['attack.t1059']", "tags: [attack.t1059.001]", false),
        ("logsources = [{product = 'linux'}, {product = 'windows'}]", "", true),
        ("logsources = [{product = 'windows', service = 'sysmon'}]", "", false),
        ("modified_since = 2024-01-02", "date: 2024-01-02", true),
        ("modified_since = 2024-01-02", "date: 2024-01-01\nmodified: 2025-01-01", true),
        ("modified_since = 2024-01-02", "date: 2025-01-01\nmodified: 2024-01-01", false),
        ("status = ['test']\nmin_level = 'high'", "status: test\nlevel: low", false),
        ("exclude.status = ['test']", "status: test", false),
        ("exclude.status = ['test']", "", true),
        ("exclude.paths = ['rules/**']", "", false),
        ("exclude.tags = ['a.*']\nexclude.levels = ['low']", "level: low", false),
        ("min_level = 'low'\nexclude.min_level = 'high'", "level: critical", false),
        ("min_level = 'low'\nexclude.min_level = 'high'", "level: medium", true),
    ] {
        let config = parse(&format!("[select]\n{select}"));
        assert_eq!(selects(&config, "rules/a.yml", keys), wanted, "{select} | {keys}");
    }
}

#[test]
fn standard_input_has_no_path() {
    for select in ["paths = ['rules/**']", "exclude.paths = ['**']"] {
        let config = parse(&format!("[select]\n{select}"));
        assert!(selects(&config, "below/<stdin>", ""), "{select}");
    }
}

#[test]
fn what_cannot_be_read_is_not_left_out() {
    let config = parse("[select]\nstatus = ['stable']\nlevels = ['high']");
    assert!(selects(&config, "a.yml", "status: stabel\nlevel: high"));
    assert!(!selects(&config, "a.yml", "status: stabel\nlevel: low"));
}

#[test]
fn rules_out_of_use_are_not_deployed_unless_they_are_asked_for() {
    let config = parse("");
    assert!(selects(&config, "a.yml", "status: deprecated"));
    let deployed = config.for_deployment();
    assert!(!selects(&deployed, "a.yml", "status: deprecated"));
    assert!(!selects(&deployed, "a.yml", "status: unsupported"));
    assert!(selects(&deployed, "a.yml", "status: experimental") && selects(&deployed, "a.yml", ""));
    let named = parse("select.status = ['stable', 'deprecated']").for_deployment();
    assert!(selects(&named, "a.yml", "status: deprecated"));
    assert!(!selects(&named, "a.yml", "status: unsupported"));
    let selecting =
        Selecting { only: Vec::new(), status: vec![Status::Unsupported], min_level: None };
    let asked = deployed.with_selection(&selecting);
    assert!(selects(&asked, "a.yml", "status: unsupported") && asked.is_narrowed());
}

const LAYERS: &str = "
[defaults]
license = 'DRL-1.1'
[defaults.splunk]
severity = 'low'
asset_type = 'Endpoint'
extra = { a = '1', b = '1' }
[schedule.high]
splunk = { cron = '0 * * * *', window = 'auto' }
elastic = { interval = '5m' }
[[defaults.for]]
logsource = { product = 'windows' }
splunk = { asset_type = 'Windows', extra = { b = '2' } }
elastic = { index = ['a'], interval = '1m' }
[[defaults.for]]
paths = ['rules/x/**']
tags = ['attack.*']
elastic = { index = ['b'] }
";

#[test]
fn attributes_come_from_the_rule_then_the_last_fitting_entry_then_the_level_then_all() {
    let config = parse(LAYERS);
    let rule = document(
        "level: high\ntags: [attack.execution]\nisogloss: {splunk: {schedule: {cron: 5 * * * *}}}",
    );
    let logsource = &rule.rule().unwrap().logsource.value;
    let Attributes { splunk, elastic } =
        config.attributes(&rule.metadata, logsource, "rules/x/a.yml");
    assert_eq!(splunk.severity.unwrap().as_str(), "low");
    assert_eq!(splunk.asset_type.as_deref(), Some("Windows"));
    assert_eq!(splunk.schedule.cron.as_deref(), Some("5 * * * *"));
    assert_eq!(splunk.schedule.window.as_deref(), Some("auto"));
    assert_eq!((splunk.extra["a"].as_str(), splunk.extra["b"].as_str()), ("1", "2"));
    assert_eq!((elastic.index, elastic.interval.as_deref()), (vec!["b".to_owned()], Some("1m")));
    let other = config.attributes(&rule.metadata, &Logsource::default(), "rules/a.yml");
    assert_eq!((other.elastic.index.len(), other.elastic.interval.as_deref()), (0, Some("5m")));
    assert_eq!(other.splunk.asset_type.as_deref(), Some("Endpoint"));
}

const ENVIRONMENTS: &str = "
lock = 'a.lock'
[rules]
filters = ['filters']
[select]
status = ['stable', 'test']
min_level = 'high'
[targets.spl]
pipelines = ['default', 'a.yml']
vars = { a = '1', b = '1' }
define = { sysmon = 'x' }
[[policy]]
allow = ['case']
reason = 'r'
[[defaults.for]]
elastic = { interval = '1m' }
[splunk]
id = 'app'
version = '1.0.0'

[env.prod]
lock = 'b.lock'
[env.prod.rules]
filters = []
[env.prod.select]
status = ['stable']
[env.prod.targets.spl]
pipelines = ['b.yml']
vars = { b = '2' }
define = { sysmon = 'y', z = 'z' }
[env.prod.targets.kql]
[[env.prod.policy]]
deny = ['case']
reason = 'r'
[[env.prod.defaults.for]]
elastic = { interval = '2m' }
[env.prod.splunk]
version = '2.0.0'
[env.lab]
";

#[test]
fn an_environment_is_laid_over_the_file() {
    let base = parse(ENVIRONMENTS);
    assert_eq!(base.environments().collect::<Vec<_>>(), ["prod", "lab"]);
    assert_eq!(base.environment(), None);
    let config = base.in_environment("prod").unwrap();
    assert_eq!(config.environment(), Some("prod"));
    assert_eq!(config.targets().collect::<Vec<_>>(), ["spl", "kql"]);
    let spl = config.target("spl").unwrap();
    assert_eq!(spl.pipelines(), ["b.yml"]);
    assert_eq!(spl.vars().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
    assert_eq!(spl.definitions().collect::<Vec<_>>(), [("sysmon", "y"), ("z", "z")]);
    let app = config.splunk().app(None);
    assert_eq!((&*app.id, &*app.version), ("app", "2.0.0"));
    assert!(config.filters().is_empty() && config.lock().ends_with("b.lock"));
    assert!(!selects(&config, "a.yml", "status: test\nlevel: high"));
    assert!(!selects(&config, "a.yml", "status: stable\nlevel: low"));
    let levels = |config: &Config| {
        let entries = config.file.entries(&mut Vec::new());
        entries.iter().map(|it| it.level).collect::<Vec<_>>()
    };
    assert_eq!(
        (levels(&base), levels(&config)),
        (vec![Level::Allow], vec![Level::Allow, Level::Deny])
    );
    let interval = |config: &Config| {
        let found = config.attributes(&Metadata::default(), &Logsource::default(), "a.yml");
        found.elastic.interval
    };
    assert_eq!(interval(&base).as_deref(), Some("1m"));
    assert_eq!(interval(&config).as_deref(), Some("2m"));
    // From one environment to another: nothing stays.
    let lab = config.in_environment("lab").unwrap();
    assert_eq!(lab.splunk().app(None).version, "1.0.0");
    assert_eq!(
        base.in_environment("prd").unwrap_err(),
        "there is no environment `prd`; did you mean `prod`?"
    );
    assert_eq!(
        parse("").in_environment("prod").unwrap_err(),
        "there is no environment `prod`: isogloss.toml has no `[env.prod]`"
    );
}

#[test]
fn outputs_have_places_of_their_own() {
    let config = parse("[targets.spl]\noutput = 'out/{env}-{target}'\n[env.prod]");
    let prod = config.in_environment("prod").unwrap();
    let folder = |config: &Config, target: &str| config.output(target);
    assert_eq!(folder(&config, "kql"), Path::new("/rules/build/kql"));
    assert_eq!(folder(&prod, "kql"), Path::new("/rules/build/prod/kql"));
    assert_eq!(folder(&prod, "spl"), Path::new("/rules/out/prod-spl"));
    assert_eq!(folder(&config, "spl"), Path::new("/rules/out/default-spl"));
}

#[test]
fn without_a_word_there_are_defaults() {
    let config = parse("[targets.spl]\n[targets.eql]");
    let spl = config.target("spl").unwrap();
    assert_eq!((spl.macros(), spl.macro_prefix()), (MacroSource::Own, "sigma_"));
    assert_eq!(spl.formats("spl"), [Format::App]);
    assert_eq!(config.target("eql").unwrap().formats("eql"), [Format::Ndjson]);
    assert_eq!(config.splunk().enterprise_security(), EnterpriseSecurity::V8);
    assert!(config.lints() && config.expectations().run());
    assert!(config.expectations().via().is_empty());
    assert_eq!(config.lock(), Path::new("/rules/isogloss.lock"));
    assert_eq!(config.file.rules.folders(), ["."]);
}

#[test]
fn settings_win_over_everything() {
    let base = parse(ENVIRONMENTS);
    let mut sources = SourceMap::new();
    let mut set = |setting: &str| setting::parse(setting, &mut sources);
    for (text, version) in [("splunk.version=3.0.0", "3.0.0"), ("splunk.version='3.0.1'", "3.0.1")]
    {
        let settings = vec![set(text).unwrap()];
        let config = Config { settings, ..base.clone() }.in_environment("prod").unwrap();
        assert_eq!(config.splunk().app(None).version, version, "{text}");
    }
    let wanted = |text: &str, found: Result<File, Vec<_>>| {
        let file = found.unwrap();
        assert_eq!(file.splunk.app(None).label, "7", "{text}");
    };
    wanted("a number is text", set("splunk.label=7"));
    assert!(set("select.status=['stable']").is_ok() && set("lints.check=false").is_ok());
    for (text, message) in [
        ("splunk.versoin=1.0.0", "`versoin` is not known here"),
        ("splunk.version=1.x", "the version of an app is three numbers and perhaps a suffix"),
        (
            "lints.check=perhaps",
            "this is not of the right type: invalid type: string \"perhaps\", expected a boolean",
        ),
        ("a b=1", "this is not TOML: key with no value, expected `=`"),
    ] {
        let found = set(text).unwrap_err();
        assert_eq!(found[0].message, message, "{text}");
    }
}

#[test]
fn a_filter_that_is_added_to_no_rule_of_the_run_is_idle() {
    let filter = |logsource: &str| {
        format!(
            "title: f\nlogsource: {{{logsource}}}\nfilter: {{rules: any, selection: {{a: b}}, condition: \
             not selection}}\n"
        )
    };
    let rule = format!("title: a\nlevel: low\n{LOGSOURCE}{DETECTION}");
    let folder = std::env::current_dir().unwrap();
    let idle = |config: &str| {
        let mut sources = SourceMap::new();
        let mut read = |path: &str, text: &str| Source::read(sources.add(path, text), text);
        let files = vec![
            read("rules/a.yml", &rule),
            read("filters/used.yml", &filter("product: windows")),
            read("filters/idle.yml", &filter("product: linux")),
            read("rules/filter.yml", &filter("product: macos")),
        ];
        let index = isogloss_compiler::Index::new(files);
        let found =
            Config { folder: folder.clone(), ..parse(config) }.idle_filters(&index, &sources);
        let path = |it: &isogloss_compiler::diagnostic::Diagnostic| {
            sources.get(it.labels[0].span.source).unwrap().path.clone()
        };
        found.iter().map(path).collect::<Vec<_>>()
    };
    assert_eq!(idle("rules.filters = ['filters']"), ["filters/idle.yml"]);
    let none_left = "rules.filters = ['filters']\nselect.min_level = 'high'";
    assert_eq!(idle(none_left), ["filters/used.yml", "filters/idle.yml"]);
    assert_eq!(idle(""), [""; 0]);
}
