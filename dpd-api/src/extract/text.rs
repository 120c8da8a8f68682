//! Reads a struct from named texts, such as path or query parameters, so that every error names
//! the parameter and says what would be right.

use super::{ParameterLocation, ParameterProblem, ParameterRefusal};
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;

/// A parameter as it was given.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) value: String,
}

/// What the parameters say, and which ones are known.
pub(super) struct Understood<T> {
    pub(super) value: T,
    pub(super) known: &'static [&'static str],
}

/// Reads a `T`, whose fields are the known parameters, each of them a scalar.
pub(super) fn read<T: DeserializeOwned>(
    location: ParameterLocation,
    given: Vec<Parameter>,
) -> Result<Understood<T>, ParameterRefusal> {
    let mut known: &'static [&'static str] = &[];
    match T::deserialize(Struct { given, known: &mut known }) {
        Ok(value) => Ok(Understood { value, known }),
        Err(Wrong { parameter, problem }) => {
            Err(ParameterRefusal { location, parameter, problem, known })
        }
    }
}

/// All the parameters. The struct that is read tells which ones there are.
struct Struct<'k> {
    given: Vec<Parameter>,
    known: &'k mut &'static [&'static str],
}

impl<'de> de::Deserializer<'de> for Struct<'_> {
    type Error = Wrong;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        *self.known = fields;
        for (index, Parameter { name, .. }) in self.given.iter().enumerate() {
            if !fields.contains(&name.as_str()) {
                return Err(Wrong::new(name, ParameterProblem::Unknown));
            }
            if self.given[..index].iter().any(|before| before.name == *name) {
                return Err(Wrong::new(name, ParameterProblem::Repeated));
            }
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(Fields { given: self.given.into_iter(), next: None })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The parameters one after the other; `next` is the one whose name has been taken.
struct Fields {
    given: std::vec::IntoIter<Parameter>,
    next: Option<Parameter>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Wrong> {
        self.next = self.given.next();
        let name = self.next.as_ref().map(|given| given.name.as_str());
        name.map(|name| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let given = self.next.take().ok_or_else(|| de::Error::custom("a value has no name"))?;
        // Some types read a text, and judge it when that is over.
        seed.deserialize(Value(given.clone())).map_err(|wrong| wrong.of(given))
    }
}

/// One parameter's value.
struct Value(Parameter);

impl Value {
    /// What the text says as a `T`, if anything, given to the visitor.
    fn parsed<T: std::str::FromStr, V>(
        self,
        expected: fmt::Arguments<'_>,
        visit: impl FnOnce(T) -> Result<V, Wrong>,
    ) -> Result<V, Wrong> {
        match self.0.value.parse() {
            Ok(value) => self.named(visit(value)),
            Err(_) => self.named(Err(de::Error::custom(format_args!("expected {expected}")))),
        }
    }

    /// Gives an error that does not know where it happened this parameter's name and value.
    fn named<V>(self, result: Result<V, Wrong>) -> Result<V, Wrong> {
        result.map_err(|wrong: Wrong| wrong.of(self.0))
    }
}

macro_rules! deserialize_integers {
    ($($method:ident $visit:ident $integer:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            let expected = format_args!("an integer from {} to {}", $integer::MIN, $integer::MAX);
            self.parsed(expected, |number| visitor.$visit(number))
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Value {
    type Error = Wrong;

    deserialize_integers! {
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
        deserialize_i8 visit_i8 i8
        deserialize_i16 visit_i16 i16
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.parsed(format_args!("`true` or `false`"), |truth| visitor.visit_bool(truth))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let result = visitor.visit_str(&self.0.value);
        self.named(result)
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct enum identifier ignored_any
    }
}

/// What is wrong, before it is known where the parameters stand.
#[derive(Debug)]
struct Wrong {
    parameter: String,
    problem: ParameterProblem,
}

impl Wrong {
    fn new(parameter: &str, problem: ParameterProblem) -> Self {
        Self { parameter: parameter.to_owned(), problem }
    }

    /// The same, of this parameter.
    fn of(mut self, given: Parameter) -> Self {
        if let ParameterProblem::Malformed { value, .. } = &mut self.problem {
            *value = given.value;
            self.parameter = given.name;
        }
        self
    }
}

impl de::Error for Wrong {
    /// From a type that does not know which parameter it is read from: [`Value::named`] fills it
    /// in.
    fn custom<T: fmt::Display>(reason: T) -> Self {
        let reason = reason.to_string();
        Self::new("", ParameterProblem::Malformed { value: String::new(), reason })
    }

    fn missing_field(parameter: &'static str) -> Self {
        Self::new(parameter, ParameterProblem::Missing)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Wrong {}

#[cfg(test)]
mod tests {
    use super::*;
    use dpd_types::{Generation, GroupName};
    use rstest::rstest;
    use serde::Deserialize;
    use std::net::{IpAddr, Ipv4Addr};
    use std::num::NonZeroU32;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Every {
        port: u16,
        address: Ipv4Addr,
        #[serde(default)]
        sure: bool,
        limit: Option<NonZeroU32>,
        generation: Option<Generation>,
        group: Option<GroupName>,
        any: Option<IpAddr>,
    }

    fn read_every(given: &[(&str, &str)]) -> Result<Every, String> {
        let given = given
            .iter()
            .map(|(name, value)| Parameter { name: (*name).into(), value: (*value).into() });
        read(ParameterLocation::Path, given.collect())
            .map(|understood| understood.value)
            .map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn each_kind_of_parameter_is_read() {
        let every = read_every(&[
            ("port", "65535"),
            ("address", "203.0.113.7"),
            ("sure", "true"),
            ("limit", "1"),
            ("generation", "9223372036854775807"),
            ("group", "a/b"),
            ("any", "2001:db8::1"),
        ]);
        let expected = Every {
            port: 65535,
            address: Ipv4Addr::new(203, 0, 113, 7),
            sure: true,
            limit: NonZeroU32::new(1),
            generation: Some(Generation::MAX),
            group: Some("a/b".into()),
            any: Some("2001:db8::1".parse().unwrap()),
        };
        assert_eq!(every, Ok(expected));
    }

    #[rstest]
    #[case("port", "65536", "an integer from 0 to 65535")]
    #[case("port", "-1", "an integer from 0 to 65535")]
    #[case("port", "", "an integer from 0 to 65535")]
    #[case("port", "0x10", "an integer from 0 to 65535")]
    #[case("address", "203.0.113", "invalid IPv4 address syntax")]
    #[case("address", "::1", "invalid IPv4 address syntax")]
    #[case("any", "localhost", "invalid IP address syntax")]
    #[case("sure", "yes", "`true` or `false`")]
    #[case("sure", "", "`true` or `false`")]
    #[case("limit", "0", "expected a nonzero u32")]
    #[case("generation", "0", "an integer from 1 to 9223372036854775807")]
    fn a_malformed_parameter_is_named_with_what_would_be_right(
        #[case] name: &str,
        #[case] value: &str,
        #[case] right: &str,
    ) {
        let mut given = vec![("port", "1"), ("address", "203.0.113.7")];
        given.retain(|(other, _)| *other != name);
        given.push((name, value));
        let refused = read_every(&given).unwrap_err();
        assert!(
            refused.starts_with(&format!("path parameter `{name}` is {value:?}: ")),
            "{refused}"
        );
        assert!(refused.contains(right), "{refused}");
    }
}
