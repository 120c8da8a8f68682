//! Names that may have been meant where one is not known.

use std::fmt;

/// A name that may have been meant, for the end of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Similar(pub Option<String>);

impl fmt::Display for Similar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Similar(Some(name)) => write!(formatter, "; did you mean `{name}`?"),
            Similar(None) => Ok(()),
        }
    }
}

/// The name that is most like the given one, if one is like enough.
pub(super) fn similar<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Similar {
    let limit = (name.chars().count() / 3).min(3);
    let close = known
        .filter(|other| *other != name)
        .map(|other| (distance(name, other, limit), other))
        .filter(|(distance, _)| *distance <= limit);
    Similar(close.min().map(|(_, other)| String::from(other)))
}

/// How many letters are to be changed, added or left out to make one name the other; more than the
/// limit if that is more.
fn distance(left: &str, right: &str, limit: usize) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len().abs_diff(right.len()) > limit || left.len() > 64 {
        return limit + 1;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.iter().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        let mut next = vec![before];
        for (other, above) in right.iter().zip(row.iter().skip(1)) {
            let changed = diagonal + usize::from(other != letter);
            before = changed.min(before + 1).min(above + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(limit + 1)
}
