//! What P4Info shows of annotations.

use std::sync::Arc;

use crate::ir::Annotation;

/// What `@brief` and `@description` say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documentation {
    /// A sentence.
    pub brief: String,
    /// More.
    pub description: String,
}

/// Annotations that are not shown as such, because something else shows what they say.
const SHOWN_ELSEWHERE: &[&str] = &["name", "id", "brief", "description", "pkginfo"];

/// The others, as they stand in a program.
pub(super) fn shown(annotations: &[Annotation]) -> Vec<String> {
    let shown = annotations.iter().filter(|one| !SHOWN_ELSEWHERE.contains(&&*one.name));
    let text = |Annotation { name, body }: &Annotation| match body.trim() {
        "" => format!("@{name}"),
        body => format!("@{name}({body})"),
    };
    shown.map(text).collect()
}

pub(super) fn documentation(annotations: &[Annotation]) -> Option<Documentation> {
    let text = |name| named(annotations, name).map(string);
    let (brief, description) = (text("brief"), text("description"));
    (brief.is_some() || description.is_some()).then(|| Documentation {
        brief: brief.unwrap_or_default(),
        description: description.unwrap_or_default(),
    })
}

pub(super) fn is_hidden(annotations: &[Annotation]) -> bool {
    named(annotations, "hidden").is_some()
}

/// The number that `@id` gives.
pub(super) fn id_of(annotations: &[Annotation]) -> Option<u32> {
    let text = named(annotations, "id")?.trim().replace('_', "").to_ascii_lowercase();
    // A width before the number does not matter.
    let text = match text.split_once('w') {
        Some((width, number)) if width.bytes().all(|byte| byte.is_ascii_digit()) => number,
        _ => text.as_str(),
    };
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (text.get(2..)?, 16),
        Some("0b") => (text.get(2..)?, 2),
        Some("0o") => (text.get(2..)?, 8),
        _ => (text.strip_prefix("0d").unwrap_or(text), 10),
    };
    u32::from_str_radix(digits, radix).ok()
}

fn named<'a>(annotations: &'a [Annotation], name: &str) -> Option<&'a Arc<str>> {
    annotations.iter().find(|one| &*one.name == name).map(|one| &one.body)
}

/// The text of string literals, which follow each other to make one.
fn string(body: &Arc<str>) -> String {
    let mut text = String::new();
    let mut characters = body.chars();
    let mut is_within = false;
    while let Some(character) = characters.next() {
        match (character, is_within) {
            ('"', _) => is_within = !is_within,
            ('\\', true) => match characters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some(other) => text.push(other),
                None => {}
            },
            (character, true) => text.push(character),
            (_, false) => {}
        }
    }
    text
}

/// Numbers for the elements of a list: those that `@id` gives, and for the others 1, 2 and so on,
/// without those that are taken.
pub(super) fn numbers<'a>(all: impl Iterator<Item = &'a [Annotation]> + Clone) -> Vec<u32> {
    let mut taken: Vec<u32> = all.clone().filter_map(id_of).collect();
    let mut next = 1;
    all.map(|annotations| match id_of(annotations) {
        Some(id) => {
            next += 1;
            id
        }
        None => {
            while taken.contains(&next) {
                next += 1;
            }
            taken.push(next);
            next
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn annotation(name: &str, body: &str) -> Annotation {
        Annotation { name: Arc::from(name), body: Arc::from(body) }
    }

    #[rstest]
    #[case("7", Some(7))]
    #[case("0x02_000001", Some(0x0200_0001))]
    #[case("32w0b11", Some(3))]
    #[case("seven", None)]
    fn ids(#[case] body: &str, #[case] id: Option<u32>) {
        assert_eq!(id_of(&[annotation("id", body)]), id);
    }

    #[test]
    fn numbers_pass_over_those_that_are_given() {
        let lists = [vec![], vec![annotation("id", "2")], vec![], vec![annotation("id", "1")]];
        let lists = lists.iter().map(Vec::as_slice);
        assert_eq!(numbers(lists), [3, 2, 4, 1]);
    }

    #[test]
    fn documentation_is_text_and_everything_else_is_shown() {
        let annotations = [
            annotation("name", "\"a.b\""),
            annotation("brief", "\"Says \\\"hello\\\"\""),
            annotation("unlikely", ""),
            annotation("other", "x, 1"),
        ];
        let documentation = documentation(&annotations).map(|doc| doc.brief);
        assert_eq!(documentation.as_deref(), Some("Says \"hello\""));
        assert_eq!(shown(&annotations), ["@unlikely", "@other(x, 1)"]);
    }
}
