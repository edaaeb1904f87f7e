//! A reader of conf files, written from the documentation alone (Splunk documentation, "How to edit a
//! configuration file").

/// A stanza: its name, and its keys in order.
pub(crate) type Stanza = (String, Vec<(String, String)>);

/// A conf file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conf(pub(crate) Vec<Stanza>);

impl Conf {
    /// Reads a file. A line that is nothing that a file can have is an error, and a key that stands twice.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut stanzas: Vec<Stanza> = Vec::new();
        let mut lines = text.split('\n').enumerate();
        while let Some((number, line)) = lines.next() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |what: &str| format!("line {}: {what}: {line}", number + 1);
            if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
                if name.contains(['[', ']']) || stanzas.iter().any(|(known, _)| known == name) {
                    return Err(wrong("a name of a stanza"));
                }
                stanzas.push((name.to_owned(), Vec::new()));
                continue;
            }
            let (key, first) = line.split_once('=').ok_or_else(|| wrong("no key"))?;
            let mut value = first.trim_start().to_owned();
            while let Some(open) = value.strip_suffix('\\') {
                let (_, next) = lines.next().ok_or_else(|| wrong("no end"))?;
                value = format!("{}\n{next}", open.trim_end());
            }
            let (_, keys) = stanzas.last_mut().ok_or_else(|| wrong("no stanza"))?;
            let key = key.trim().to_owned();
            if keys.iter().any(|(known, _)| *known == key) {
                return Err(wrong("a key twice"));
            }
            keys.push((key, value.trim_end().to_owned()));
        }
        Ok(Self(stanzas))
    }

    /// The keys of a stanza.
    pub(crate) fn stanza(&self, name: &str) -> Option<&[(String, String)]> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, keys)| keys.as_slice())
    }

    /// A value.
    pub(crate) fn get(&self, stanza: &str, key: &str) -> Option<&str> {
        let keys = self.stanza(stanza)?;
        keys.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}
