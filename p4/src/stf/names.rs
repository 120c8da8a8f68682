//! Which of a program's things a name in a script means.
//!
//! The full control-plane name always does. Otherwise it is the end of one name at a dot, or, as
//! in p4c's runner, the end of one name anywhere.

/// What came of the search for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One, by its place.
    One(usize),
    /// None.
    None,
    /// At least two.
    Several(usize, usize),
}

pub(super) fn find<'a>(
    wanted: &str,
    names: impl Iterator<Item = &'a str> + Clone,
    may_cut_words: bool,
) -> Found {
    let wanted = wanted.strip_prefix('.').unwrap_or(wanted);
    let numbered = || names.clone().enumerate();
    if let Some((place, _)) = numbered().find(|(_, name)| *name == wanted) {
        return Found::One(place);
    }
    let ends = |name: &str| name.strip_suffix(wanted).map(str::to_owned);
    let at_dots = numbered().filter(|(_, name)| ends(name).is_some_and(|rest| rest.ends_with('.')));
    match of(at_dots.map(|(place, _)| place)) {
        Found::None if may_cut_words && !wanted.is_empty() => {
            of(numbered().filter(|(_, name)| ends(name).is_some()).map(|(place, _)| place))
        }
        found => found,
    }
}

fn of(mut places: impl Iterator<Item = usize>) -> Found {
    match (places.next(), places.next()) {
        (None, _) => Found::None,
        (Some(one), None) => Found::One(one),
        (Some(one), Some(other)) => Found::Several(one, other),
    }
}

/// The name of a key as p4c gives it to BMv2, where scripts have it from: validity bits are fields
/// called `$valid$`.
pub(super) fn of_key(name: &str) -> String {
    name.replace(".isValid()", ".$valid$")
}

/// The name of a key in a script in the same form: `x$3` is an element of a stack, and `valid` a
/// validity bit.
pub(super) fn of_key_in_script(name: &str) -> String {
    let name = of_key(name);
    let name = match name.strip_suffix("valid") {
        Some(before) if before.is_empty() || before.ends_with('.') => format!("{before}$valid$"),
        _ => name,
    };
    let name = match name.strip_suffix(".$valid") {
        Some(before) => format!("{before}.$valid$"),
        None => name,
    };
    let mut plain = String::new();
    let mut parts = name.split('$').peekable();
    if let Some(first) = parts.next() {
        plain.push_str(first);
    }
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        match part.split_at_checked(digits) {
            Some((index, rest)) if !index.is_empty() => {
                plain.push_str(&format!("[{index}]{rest}"));
            }
            _ => {
                plain.push('$');
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::whole("a.b", &["c.a.b", "a.b"], Found::One(1))]
    #[case::leading_dot(".a.b", &["a.b"], Found::One(0))]
    #[case::at_a_dot("b", &["a.b", "a.bb", "xb"], Found::One(0))]
    #[case::two("b", &["a.b", "c.b"], Found::Several(0, 1))]
    #[case::within_a_word("b", &["ab", "ac"], Found::One(0))]
    #[case::none("d", &["ab", "ac"], Found::None)]
    fn a_name_is_whole_or_the_end_of_one(
        #[case] wanted: &str,
        #[case] names: &[&str],
        #[case] found: Found,
    ) {
        assert_eq!(find(wanted, names.iter().copied(), true), found);
    }

    #[rstest]
    #[case("hdr.ipv4.valid", "hdr.ipv4.$valid$")]
    #[case("valid", "$valid$")]
    #[case("hdr.ipv4.$valid", "hdr.ipv4.$valid$")]
    #[case("hdr.ipv4.$valid$", "hdr.ipv4.$valid$")]
    #[case("invalid", "invalid")]
    #[case("stack$3.x", "stack[3].x")]
    #[case("stack[3].x", "stack[3].x")]
    fn keys_of_scripts(#[case] script: &str, #[case] plain: &str) {
        assert_eq!(of_key_in_script(script), plain);
    }
}
