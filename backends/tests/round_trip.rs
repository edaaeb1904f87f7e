//! Printing and parsing give the same tree, for every target, over generated trees with hostile
//! strings, in lines of any width.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::hostile;
use isogloss_backends::{eql, kql, spl};
use isogloss_compiler::ir::Origin;
use proptest::prelude::*;
use proptest::sample::select;

const WIDTHS: [Option<usize>; 3] = [None, Some(100), Some(1)];

/// A name that is not empty.
fn name() -> impl Strategy<Value = String> {
    hostile().prop_filter("a name is not empty", |name| !name.is_empty())
}

fn eql_literal() -> impl Strategy<Value = eql::ast::Literal> {
    prop_oneof![
        4 => hostile().prop_map(eql::ast::Literal::Text),
        1 => select(vec!["0", "-7", "4.25", ".5", "1e5"]).prop_map(|it| eql::ast::Literal::Number(it.to_owned())),
        1 => any::<bool>().prop_map(eql::ast::Literal::Bool),
        1 => Just(eql::ast::Literal::Null),
    ]
}

fn eql_field() -> impl Strategy<Value = eql::ast::FieldPath> {
    (name(), any::<bool>()).prop_map(|(name, optional)| eql::ast::FieldPath { name, optional })
}

/// An operator with values that it can take.
fn eql_right() -> impl Strategy<Value = (eql::ast::Operator, Vec<eql::ast::Operand>)> {
    use eql::ast::{Literal, Operand, Operator};
    let operator = select(Operator::ALL.iter().map(|(_, operator)| *operator).collect::<Vec<_>>());
    operator.prop_flat_map(|operator| {
        let literal = if operator.is_for_text() {
            hostile().prop_map(Literal::Text).boxed()
        } else {
            eql_literal().boxed()
        };
        let most = if operator.may_take_list() { 4 } else { 2 };
        let values = prop::collection::vec(literal.prop_map(Operand::literal), 1..most);
        values.prop_map(move |values| (operator, values))
    })
}

fn eql_operand() -> impl Strategy<Value = eql::ast::Operand> {
    use eql::ast::{Arithmetic, Call, Function, Literal, Operand};
    let function =
        || select(Function::ALL.iter().map(|(_, function)| *function).collect::<Vec<_>>());
    let sign = |is_sum: bool| {
        let signs = Arithmetic::ALL.iter().map(|(_, sign)| *sign);
        select(signs.filter(|it| it.is_sum() == is_sum).collect::<Vec<_>>())
    };
    let leaf = prop_oneof![
        eql_field().prop_map(Operand::Field),
        eql_literal().prop_map(Operand::literal),
    ];
    leaf.prop_recursive(3, 8, 3, move |inner| {
        let call = (function(), prop::collection::vec(inner.clone(), 4)).prop_map(
            |(function, mut arguments)| {
                let (least, most) = function.arity();
                arguments.truncate(least.max(most.min(2)));
                Operand::Call(Call { function, arguments, origin: Origin::default() })
            },
        );
        let number = move || {
            let one = || Operand::literal(Literal::Number("1".to_owned()));
            inner.clone().prop_map(move |it| if it.may_be_number() { it } else { one() })
        };
        let negative = number().prop_map(Operand::negative);
        let series = any::<bool>().prop_flat_map(move |is_sum| {
            let rest = prop::collection::vec((sign(is_sum), number()), 1..3);
            (number(), rest).prop_map(|(first, rest)| Operand::series(first, rest))
        });
        prop_oneof![call, negative, series]
    })
}

fn eql_computed() -> impl Strategy<Value = eql::ast::Expr> {
    use eql::ast::{Expr, Operator};
    let equal = select(vec![Operator::Equal, Operator::NotEqual, Operator::Less]);
    let both = (eql_operand(), equal, eql_operand())
        .prop_filter("one side may have fields", |(left, _, right)| {
            !(left.has_field() && right.has_field())
        })
        .prop_map(|(left, operator, right)| Expr::compare(left, operator, vec![right]));
    let values = (eql_operand(), eql_right())
        .prop_filter("texts are compared with texts", |(left, (operator, _))| {
            left.may_be_text() || !operator.is_for_text()
        })
        .prop_map(|(left, (operator, right))| Expr::compare(left, operator, right));
    prop_oneof![both, values]
}

fn eql_expr() -> impl Strategy<Value = eql::ast::Expr> {
    use eql::ast::{Expr, Operand};
    let leaf = (eql_field(), eql_right()).prop_map(|(field, (operator, right))| {
        Expr::compare(Operand::Field(field), operator, right)
    });
    let leaf = prop_oneof![
        6 => leaf,
        2 => eql_call(),
        2 => eql_computed(),
        1 => any::<bool>().prop_map(Expr::Constant),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let operands = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            operands().prop_map(Expr::all),
            operands().prop_map(Expr::any),
            inner.clone().prop_map(Expr::negate),
        ]
    })
}

fn eql_call() -> impl Strategy<Value = eql::ast::Expr> {
    use eql::ast::{Call, Expr, Function};
    let tests = Function::ALL.iter().map(|(_, function)| *function).filter(|it| it.is_test());
    (select(tests.collect::<Vec<_>>()), eql_operand(), eql_operand()).prop_map(
        |(function, text, part)| {
            let arguments = vec![text, part];
            Expr::Call(Call { function, arguments, origin: Origin::default() })
        },
    )
}

fn eql_query() -> impl Strategy<Value = eql::ast::Query> {
    let parts = (prop::option::of(name()), prop::option::of(eql_expr()), eql_expr());
    parts.prop_map(|(category, scope, condition)| eql::ast::Query {
        category,
        category_origin: Origin::default(),
        scope,
        condition,
    })
}

fn eql_keys(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<eql::ast::Key>> {
    let key = eql_field().prop_map(|field| eql::ast::Key { field, origin: Origin::default() });
    prop::collection::vec(key, count)
}

fn eql_statement() -> impl Strategy<Value = eql::ast::Statement> {
    use eql::ast::{Pipe, Sample, Sequence, Stage, Statement, TimeUnit, Timespan};
    let pipe = (any::<bool>(), any::<u64>())
        .prop_map(|(head, count)| if head { Pipe::Head(count) } else { Pipe::Tail(count) });
    let pipes = || prop::collection::vec(pipe.clone(), 0..3);
    let unit = select(TimeUnit::ALL.iter().map(|(_, unit)| *unit).collect::<Vec<_>>());
    let span = (1..u64::MAX, unit).prop_map(|(count, unit)| Timespan { count, unit });
    let sequence = (0..3_usize).prop_flat_map(move |own| {
        let stage = move || {
            (eql_query(), eql_keys(own..own + 1)).prop_map(|(query, keys)| Stage::of(query, keys))
        };
        let runs =
            (stage(), 1..=Stage::MOST_RUNS).prop_map(|(stage, runs)| Stage { runs, ..stage });
        let missing = stage().prop_map(|stage| Stage { missing: true, ..stage });
        let any_stage = prop_oneof![2 => stage(), 1 => runs, 1 => missing];
        let stages = (stage(), stage(), prop::collection::vec(any_stage, 0..3)).prop_map(
            |(first, second, mut stages)| {
                stages.insert(0, first);
                stages.push(second);
                stages
            },
        );
        (eql_keys(0..3), span.clone(), any::<bool>(), stages, prop::option::of(stage())).prop_map(
            |(keys, span, bounded, stages, until)| {
                let bounded = bounded || stages.iter().any(|it| it.missing);
                Sequence { keys, maxspan: bounded.then_some(span), stages, until }
            },
        )
    });
    let sample =
        (eql_keys(1..3), prop::collection::vec(eql_query(), 2..4)).prop_map(|(keys, queries)| {
            let stages = queries.into_iter().map(|it| Stage::of(it, Vec::new()));
            Sample { keys, stages: stages.collect() }
        });
    prop_oneof![
        1 => (eql_query(), pipes()).prop_map(|(query, pipes)| Statement::Event(query, pipes)),
        2 => (sequence, pipes()).prop_map(|(it, pipes)| Statement::Sequence(it, pipes)),
        1 => (sample, pipes()).prop_map(|(it, pipes)| Statement::Sample(it, pipes)),
    ]
}

fn kql_literal() -> impl Strategy<Value = kql::ast::Literal> {
    // Unquoted values are texts with wildcards between them; two texts are never neighbours.
    let unquoted = (any::<bool>(), prop::collection::vec(name(), 0..3), any::<bool>()).prop_map(
        |(left, texts, right)| {
            let mut parts: Vec<Option<String>> = if left { vec![None] } else { Vec::new() };
            for (index, text) in texts.into_iter().enumerate() {
                parts.extend((index > 0).then_some(None));
                parts.push(Some(text));
            }
            // White space at the ends is trimmed, so no value has any there.
            if let Some(Some(first)) = parts.first_mut() {
                first.insert(0, 'x');
            }
            if let Some(Some(last)) = parts.last_mut() {
                last.push('x');
            }
            if (right && parts.last() != Some(&None)) || parts.is_empty() {
                parts.push(None);
            }
            kql::ast::Literal::Unquoted(parts)
        },
    );
    prop_oneof![hostile().prop_map(kql::ast::Literal::Quoted), unquoted]
}

fn kql_expr() -> impl Strategy<Value = kql::ast::Expr> {
    use kql::ast::{Comparison, Expr, Link, Relation, Value};
    let relation = select(Relation::ALL.iter().map(|(_, relation)| *relation).collect::<Vec<_>>());
    let values = prop::collection::vec(kql_literal(), 1..4);
    let leaf =
        (name(), relation, any::<bool>(), values).prop_map(|(field, relation, all, literals)| {
            let link = if all && literals.len() > 1 { Link::All } else { Link::Any };
            let values = literals
                .into_iter()
                .map(|literal| Value { literal, origin: Origin::default() })
                .collect();
            Expr::Comparison(Comparison {
                field,
                relation,
                link,
                values,
                origin: Origin::default(),
            })
        });
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let operands = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            operands().prop_map(|it| Expr::all(it).expect("not empty")),
            operands().prop_map(|it| Expr::any(it).expect("not empty")),
            inner.clone().prop_map(Expr::negate),
        ]
    })
}

fn spl_search() -> impl Strategy<Value = spl::ast::Search> {
    use spl::ast::{Call, Comparison, Literal, Operator, Search, Term, Value};
    let literal = prop_oneof![
        4 => hostile().prop_map(Literal::Quoted),
        1 => select(vec!["*", "7", "-7", "a/b:c*"]).prop_map(|it| Literal::Word(it.to_owned())),
    ];
    let comparison = (name(), prop::collection::vec(literal, 1..4), select(Operator::ALL.to_vec()))
        .prop_map(|(field, literals, (_, operator))| {
            // A list is always `IN`, which is equality.
            let operator = if literals.len() > 1 { Operator::Equal } else { operator };
            let values = literals
                .into_iter()
                .map(|literal| Value { literal, origin: Origin::default() })
                .collect();
            Search::Comparison(Comparison { field, operator, values, origin: Origin::default() })
        });
    let arguments = prop::collection::vec(select(vec!["a", "firstTime", "x y"]), 0..3);
    let call = (select(vec!["sysmon", "a_b"]), arguments).prop_map(|(name, arguments)| {
        Search::Call(Call {
            name: name.to_owned(),
            arguments: arguments.into_iter().map(str::to_owned).collect(),
            ..Call::default()
        })
    });
    let word = select(vec!["*word*", "4625", "in", "search", "*", ""]).prop_map(str::to_owned);
    let term = prop_oneof![hostile(), word]
        .prop_map(|text| Search::Term(Term { text, origin: Origin::default() }));
    let verbatim = select(vec!["TERM(a.b)", "CASE(X)", "TERM(\"a b\")", "source::a/b"]);
    let verbatim = verbatim.prop_map(|it| Search::Verbatim(it.to_owned()));
    let leaf = prop_oneof![
        6 => comparison,
        1 => call,
        2 => term,
        1 => Just(Search::Everything),
        1 => verbatim,
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let operands = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            operands().prop_map(|it| Search::all(it).expect("not empty")),
            operands().prop_map(|it| Search::any(it).expect("not empty")),
            inner.clone().prop_map(Search::negate),
        ]
    })
}

fn spl_eval() -> impl Strategy<Value = spl::ast::Eval> {
    use spl::ast::{Eval, Operator, Sign};
    let sign = select(Sign::ALL.iter().map(|(_, sign)| *sign).collect::<Vec<_>>());
    let quotable =
        name().prop_filter("a field of `eval` has no single quote", |it| !it.contains('\''));
    let leaf = prop_oneof![
        2 => quotable.prop_map(Eval::Field),
        3 => hostile().prop_map(|text| Eval::Text { text, origin: Origin::default() }),
        1 => select(vec!["0", "1", "-2.5", ".5"]).prop_map(|it| Eval::Number(it.to_owned())),
        1 => select(vec!["$a$", "<<FIELD>>"]).prop_map(|it| Eval::Token(it.to_owned())),
        1 => Just(Eval::Macro(spl_call("limit"))),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let operands = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            operands().prop_map(|it| Eval::all(it).expect("not empty")),
            operands().prop_map(|it| Eval::any(it).expect("not empty")),
            inner.clone().prop_map(|it| Eval::Not(Box::new(it))),
            (inner.clone(), select(Operator::ALL.to_vec()), inner.clone())
                .prop_map(|(left, (_, operator), right)| left.compare(operator, right)),
            (inner.clone(), inner.clone())
                .prop_map(|(left, right)| Eval::Minus(Box::new(left), Box::new(right))),
            (inner.clone(), prop::collection::vec((sign.clone(), inner.clone()), 1..4))
                .prop_map(|(first, rest)| Eval::chain(first, rest)),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Eval::Xor),
            (select(vec!["match", "if", "isnotnull"]), operands())
                .prop_map(|(name, it)| Eval::call(name, it)),
        ]
    })
}

fn spl_columns() -> impl Strategy<Value = Vec<spl::ast::Column>> {
    use spl::ast::Column;
    let function = select(vec!["count", "min", "max"]);
    let column = (function, prop::option::of(name()), prop::option::of(name())).prop_map(
        |(function, field, alias)| {
            // Only `count` stands without a field.
            let function = if field.is_none() { "count" } else { function };
            Column { function: function.to_owned(), field, alias }
        },
    );
    prop::collection::vec(column, 1..3)
}

fn spl_names(least: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(name(), least..4)
}

/// Commands about the rows that are there.
fn spl_command() -> impl Strategy<Value = spl::ast::Command> {
    use spl::ast::Command;
    let assigned = prop::collection::vec((select(vec!["sigma_1", "x"]), spl_eval()), 1..3);
    prop_oneof![
        spl_search().prop_map(Command::Search),
        spl_eval().prop_map(Command::Where),
        assigned.prop_map(|it| {
            Command::Eval(it.into_iter().map(|(name, eval)| (name.to_owned(), eval)).collect())
        }),
        Just(Command::Drop(vec!["sigma_*".to_owned()])),
        spl_names(1).prop_map(Command::Keep),
        spl_names(1).prop_map(Command::Table),
        spl_names(1).prop_map(Command::Dedup),
        name().prop_map(Command::Mvexpand),
        prop::collection::vec((name(), name()), 1..3).prop_map(Command::Rename),
        (prop::option::of(hostile()), spl_names(0))
            .prop_map(|(value, fields)| Command::Fillnull { value, fields }),
        (hostile(), name()).prop_map(|(timeformat, field)| Command::Convert { timeformat, field }),
        spl_group(),
    ]
}

/// Commands that compute over several rows.
fn spl_group() -> impl Strategy<Value = spl::ast::Command> {
    use spl::ast::{Command, SortKey, Streamstats};
    let key = (name(), any::<bool>()).prop_map(|(field, descending)| SortKey { field, descending });
    let window = prop::option::of(Just("5m".to_owned()));
    prop_oneof![
        (spl_columns(), spl_names(0)).prop_map(|(columns, by)| Command::Stats { columns, by }),
        (window, any::<bool>(), spl_columns(), spl_names(0)).prop_map(
            |(time_window, current, columns, by)| {
                Command::Streamstats(Streamstats { time_window, current, columns, by })
            }
        ),
        name().prop_map(|field| Command::Bin { field, span: "36h".to_owned() }),
        (0_u32..3, prop::collection::vec(key, 1..3))
            .prop_map(|(count, keys)| Command::Sort { count, keys }),
    ]
}

fn spl_call(name: &str) -> spl::ast::Call {
    let arguments = vec!["a".to_owned()];
    spl::ast::Call { name: name.to_owned(), arguments, ..Default::default() }
}

/// Commands that nothing is translated to.
fn spl_other() -> impl Strategy<Value = spl::ast::Command> {
    use spl::ast::{Argument, Command, Operator, Other};
    let other = |name: &str, arguments: Vec<Argument>| {
        Command::Other(Other { name: name.to_owned(), arguments })
    };
    let set = |name: &str, value: Argument| Argument::Option {
        name: name.to_owned(),
        operator: Operator::Equal,
        value: Box::new(value),
    };
    let option = |name: &str, operator: Operator, value: String| Argument::Option {
        name: name.to_owned(),
        operator,
        value: Box::new(Argument::Text(value)),
    };
    let column = |field: String, alias: Option<String>| Argument::Column {
        function: "dc".to_owned(),
        arguments: Some(vec![Argument::Name(field)]),
        alias,
    };
    let by = |names: Vec<String>| Argument::Clause {
        keyword: "by",
        arguments: names.into_iter().map(Argument::Name).collect(),
    };
    let out = |arguments| Argument::Clause { keyword: "OUTPUT", arguments };
    prop_oneof![
        (name(), hostile()).prop_map(move |(name, text)| {
            other("regex", vec![option(&name, Operator::NotEqual, text)])
        }),
        (hostile(), hostile()).prop_map(move |(field, text)| {
            other("rex", vec![option("field", Operator::Equal, field), Argument::Text(text)])
        }),
        (name(), prop::option::of(name()), spl_names(1)).prop_map(move |(field, alias, names)| {
            other("eventstats", vec![column(field, alias), by(names)])
        }),
        (name(), name(), name()).prop_map(move |(table, field, alias)| {
            let input = Argument::Renamed(field.clone(), alias.clone());
            let output = vec![Argument::Name(alias), Argument::Name(field)];
            other("lookup", vec![Argument::Name(table), input, out(output)])
        }),
        (hostile(), spl_search(), spl_eval()).prop_map(move |(text, search, eval)| {
            let group = Argument::Group(vec![Argument::Condition(search)]);
            let start = set("startswith", group);
            let eval = Argument::Column {
                function: "eval".to_owned(),
                arguments: Some(vec![Argument::Expression(eval)]),
                alias: None,
            };
            let end = set("endswith", eval);
            let delimiter = option("delim", Operator::Equal, text);
            other("transaction", vec![start, end, delimiter])
        }),
        (spl_command(), spl_command()).prop_map(move |(first, second)| {
            let commands = Argument::Pipeline(vec![first, second]);
            other("foreach", vec![Argument::Name("a*".to_owned()), commands])
        }),
        hostile().prop_map(move |text| {
            let group = Argument::Group(vec![Argument::Text(text.clone())]);
            other("unknown", vec![option("x", Operator::Less, text), group])
        }),
    ]
}

/// Commands that bring rows of their own.
fn spl_search_command() -> impl Strategy<Value = spl::ast::Command> {
    use spl::ast::{Command, Query, Tstats};
    let commands = prop::collection::vec(spl_command(), 0..2);
    let query = (spl_search(), commands).prop_map(|(condition, commands)| Query {
        scope: None,
        condition: Some(condition),
        commands,
    });
    let query = query.boxed();
    let options = prop::option::of(Just(spl_call("options")));
    prop_oneof![
        prop::collection::vec(query.clone(), 1..3).prop_map(Command::Multisearch),
        query.prop_map(Command::Append),
        (options, spl_columns(), prop::option::of(spl_search()), spl_names(0)).prop_map(
            |(options, columns, condition, by)| {
                let model = "Endpoint.Processes".to_owned();
                let fillnull_value = options.is_none().then(|| "null".to_owned());
                Command::Tstats(Tstats { options, fillnull_value, columns, model, condition, by })
            }
        ),
        Just(Command::Call(spl_call("security_content_ctime"))),
    ]
}

proptest! {
    #![proptest_config(common::config(1500))]

    #[test]
    fn eql(query in eql_query()) {
        for width in WIDTHS {
            let text = eql::print::print(&query, width).text;
            prop_assert_eq!(eql::parse::parse(&text), Ok(query.joined()), "{}", text);
        }
    }

    #[test]
    fn kql(scope in prop::option::of(kql_expr()), condition in kql_expr()) {
        let addresses = std::collections::BTreeSet::new();
        let query = kql::ast::Query { scope, condition, addresses };
        for width in WIDTHS {
            let text = kql::print::print(&query, width).text;
            prop_assert_eq!(kql::parse::parse(&text), Ok(query.joined()), "{}", text);
        }
    }

    #[test]
    fn spl(
        scope in prop::option::of(spl_search()),
        condition in spl_search(),
        commands in prop::collection::vec(
            prop_oneof![4 => spl_command(), 1 => spl_search_command(), 1 => spl_other()],
            0..4,
        ),
    ) {
        let query = spl::ast::Query { scope, condition: Some(condition), commands };
        for width in WIDTHS {
            let text = spl::print::print(&query, width).text;
            prop_assert_eq!(spl::parse::parse(&text), Ok(query.joined()), "{}", text);
        }
    }
}

proptest! {
    #![proptest_config(common::config(150))]

    #[test]
    fn eql_statements(statement in eql_statement()) {
        for width in WIDTHS {
            let text = eql::print::print_statement(&statement, width).text;
            prop_assert_eq!(eql::parse::parse_statement(&text), Ok(statement.joined()), "{}", text);
        }
    }
}

/// What stands beside each other in a long chain is put into groups, which read back as one chain.
#[test]
fn long_chains() {
    use eql::ast::{Expr, FieldPath, Literal, Operand, Operator, Query};
    let term = |number: usize| {
        let field = FieldPath { name: format!("f{number}"), optional: false };
        Expr::compare(
            Operand::Field(field),
            Operator::Equal,
            vec![Operand::literal(Literal::Number(number.to_string()))],
        )
    };
    for count in [50, 51, 117, 300, 2_600] {
        let condition = Expr::any((0..count).map(term));
        let query =
            Query { category: None, category_origin: Origin::default(), scope: None, condition };
        let text = eql::print::print(&query, None).text;
        assert_eq!(eql::parse::parse(&text), Ok(query));
        let longest = text.split(['(', ')']).map(|it| it.matches("==").count()).max();
        assert!(longest <= Some(50), "{text}");
    }
}
