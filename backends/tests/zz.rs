#[test]
fn deep() {
    for (n, piece) in [
        "(",
        "[",
        "NOT ",
        "| where f(",
        "| where (",
        "| where NOT ",
        "| eval x=-",
        "| x (",
        "| x [",
        "| foreach * [ eval x=[",
        "| stats a(b(",
        "`a((",
        "| append [| multisearch [",
        "| append [",
        "| where x=[search x=[",
    ]
    .iter()
    .enumerate()
    {
        let rest = piece
            .trim_start_matches("| where ")
            .trim_start_matches("| eval x=")
            .trim_start_matches("| x ");
        let mut ok = 0;
        // frames: measure by running with growing stacks
        for kb in [256, 512, 1024, 1536, 2048, 3072, 4096, 8192, 16384, 65536] {
            let text = format!("{piece}{}", rest.repeat(10000));
            let exe = std::env::current_exe().unwrap();
            if let Ok(v) = std::env::var("ZZ") {
                let v: Vec<usize> = v.split(',').map(|x| x.parse().unwrap()).collect();
                if v[0] != n {
                    continue;
                }
                std::thread::Builder::new()
                    .stack_size(v[1] * 1024)
                    .spawn(move || {
                        let _ = isogloss_backends::spl::parse::parse(&text);
                    })
                    .unwrap()
                    .join()
                    .unwrap();
                return;
            }
            let out =
                std::process::Command::new(exe).env("ZZ", format!("{n},{kb}")).output().unwrap();
            if out.status.success() {
                ok = kb;
                break;
            }
        }
        println!("{piece} {ok} KiB");
    }
}
