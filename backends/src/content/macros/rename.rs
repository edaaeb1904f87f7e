//! Macros get their final names.

use isogloss_compiler::ir::Macro;

use crate::spl::ast::{Call, Command, Query, Search, Tstats};

/// Puts a prefix before the names of the macros that are defined, in the query and in the definitions. The
/// filter has its prefix already.
pub(crate) fn rename(
    query: Query,
    definitions: &[Macro],
    filter: &str,
    prefix: &str,
) -> (Query, Vec<Macro>) {
    let names = Names { definitions, filter, prefix };
    let renamed = definitions.iter().map(|it| Macro { name: names.of(&it.name), ..it.clone() });
    (names.query(query), renamed.collect())
}

struct Names<'n> {
    definitions: &'n [Macro],
    filter: &'n str,
    prefix: &'n str,
}

impl Names<'_> {
    fn of(&self, name: &str) -> String {
        let is_ours = self.definitions.iter().any(|it| it.name == name);
        if is_ours && name != self.filter {
            format!("{}{name}", self.prefix)
        } else {
            name.to_owned()
        }
    }

    fn call(&self, call: Call) -> Call {
        Call { name: self.of(&call.name), ..call }
    }

    fn query(&self, query: Query) -> Query {
        Query {
            scope: query.scope.map(|it| self.search(it)),
            condition: query.condition.map(|it| self.search(it)),
            commands: query.commands.into_iter().map(|it| self.command(it)).collect(),
        }
    }

    fn search(&self, search: Search) -> Search {
        search.map(&mut |leaf| match leaf {
            Search::Call(call) => Search::Call(self.call(call)),
            Search::Subsearch(query) => Search::Subsearch(Box::new(self.query(*query))),
            Search::All(_)
            | Search::Any(_)
            | Search::Not(_)
            | Search::Comparison(_)
            | Search::Term(_)
            | Search::Verbatim(_)
            | Search::Everything => leaf,
        })
    }

    fn command(&self, command: Command) -> Command {
        match command {
            Command::Call(call) => Command::Call(self.call(call)),
            Command::Search(search) => Command::Search(self.search(search)),
            Command::Append(query) => Command::Append(self.query(query)),
            Command::Multisearch(queries) => {
                Command::Multisearch(queries.into_iter().map(|it| self.query(it)).collect())
            }
            Command::Tstats(tstats) => Command::Tstats(Tstats {
                options: tstats.options.map(|it| self.call(it)),
                condition: tstats.condition.map(|it| self.search(it)),
                ..tstats
            }),
            Command::Where(_)
            | Command::Eval(_)
            | Command::Keep(_)
            | Command::Drop(_)
            | Command::Table(_)
            | Command::Fillnull { .. }
            | Command::Stats { .. }
            | Command::Streamstats(_)
            | Command::Bin { .. }
            | Command::Sort { .. }
            | Command::Dedup(_)
            | Command::Mvexpand(_)
            | Command::Rename(_)
            | Command::Convert { .. }
            | Command::Other(_) => command,
        }
    }
}
