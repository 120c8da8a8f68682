//! The tables of the database: what of a step is written to each, and how a store is read from them.

use crate::codec::{
    Header, MappingKey, TargetBytes, decode_changes, encode_changes, mapping, mapping_key,
    mapping_keys, target_bytes,
};
use crate::fault::Damage;
use crate::journal::Contents;
use crate::step::{DocumentChange, Step};
use nat_groups::{
    Generation, Group, GroupId, GroupName, KeptGroup, Limits, Mapping, MappingSet, RowCost,
    SortedMappings, Store, Version,
};
use redb::{
    ReadTransaction, ReadableTable as _, ReadableTableMetadata as _, TableDefinition, TableError,
    WriteTransaction,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The format of the tables. A later one may not be understood by an earlier dpd.
pub(crate) const FORMAT: u32 = 1;

/// `format`, and `step`, the number of steps taken.
const NUMBERS: TableDefinition<'static, &str, u64> = TableDefinition::new("numbers");
/// `kind`, which is [`KIND`], and `written-by`: the version of dpd that made the journal.
const TEXTS: TableDefinition<'static, &str, &str> = TableDefinition::new("texts");
/// The name of each group.
const GROUPS: TableDefinition<'static, u32, &str> = TableDefinition::new("groups");
/// The kept generations of each group, without their sets.
const VERSIONS: TableDefinition<'static, (u32, u64), &[u8]> = TableDefinition::new("versions");
/// What changes from a generation back to the one that was kept before it.
const CHANGES: TableDefinition<'static, (u32, u64), &[u8]> = TableDefinition::new("changes");
/// The sets of the current generations.
const MAPPINGS: TableDefinition<'static, &MappingKey, &TargetBytes> =
    TableDefinition::new("mappings");
/// The generation at which each deleted group was deleted.
const TOMBSTONES: TableDefinition<'static, &str, u64> = TableDefinition::new("tombstones");
/// Whatever else is kept, as a whole.
const DOCUMENTS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("documents");

/// What kind of database a journal is.
const KIND: &str = "dpd journal";

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) format: u32,
    pub(crate) written_by: String,
    /// The number of steps taken.
    pub(crate) step: u64,
}

/// Makes the tables, empty.
pub(crate) fn create(transaction: &WriteTransaction, written_by: &str) -> Result<(), redb::Error> {
    transaction.open_table(NUMBERS)?.insert("format", u64::from(FORMAT))?;
    let mut texts = transaction.open_table(TEXTS)?;
    texts.insert("kind", KIND)?;
    texts.insert("written-by", written_by)?;
    drop(texts);
    transaction.open_table(GROUPS)?;
    transaction.open_table(VERSIONS)?;
    transaction.open_table(CHANGES)?;
    transaction.open_table(MAPPINGS)?;
    transaction.open_table(TOMBSTONES)?;
    transaction.open_table(DOCUMENTS)?;
    Ok(())
}

/// What a database says of itself; `None` if it is no journal.
pub(crate) fn label(transaction: &ReadTransaction) -> Result<Option<Label>, redb::Error> {
    let (numbers, texts) = match (transaction.open_table(NUMBERS), transaction.open_table(TEXTS)) {
        (Ok(numbers), Ok(texts)) => (numbers, texts),
        (Err(error), _) | (_, Err(error)) => {
            return match error {
                TableError::TableDoesNotExist(_) | TableError::TableTypeMismatch { .. } => Ok(None),
                error => Err(error.into()),
            };
        }
    };
    let number = |name: &str| Ok::<_, redb::Error>(numbers.get(name)?.map(|it| it.value()));
    let format = number("format")?.and_then(|format| u32::try_from(format).ok());
    let (Some(format), Some(step)) = (format, number("step")?) else { return Ok(None) };
    let text = |name: &str| Ok::<_, redb::Error>(texts.get(name)?.map(|it| it.value().to_owned()));
    if text("kind")?.as_deref() != Some(KIND) {
        return Ok(None);
    }
    let written_by = text("written-by")?;
    Ok(Some(Label { format, written_by: written_by.unwrap_or_default(), step }))
}

/// Notes how many steps have been taken.
pub(crate) fn number_step(transaction: &WriteTransaction, step: u64) -> Result<(), redb::Error> {
    transaction.open_table(NUMBERS)?.insert("step", step)?;
    Ok(())
}

/// Writes what differs between the two sides of a step.
pub(crate) fn write(transaction: &WriteTransaction, step: &Step) -> Result<(), redb::Error> {
    let Step { before, after, touched, documents } = step;
    for id in touched {
        let [before, after] = [before, after].map(|store| store.group_by_id(*id));
        write_group(transaction, *id, before.map(|it| &**it), after.map(|it| &**it))?;
    }
    let mut tombstones = None;
    for (name, generation) in before.tombstone_changes(after) {
        if tombstones.is_none() {
            tombstones = Some(transaction.open_table(TOMBSTONES)?);
        }
        let Some(tombstones) = &mut tombstones else { continue };
        match generation {
            Some(generation) => tombstones.insert(name.as_str(), generation.get())?,
            None => tombstones.remove(name.as_str())?,
        };
    }
    for DocumentChange { name, before: _, after } in documents {
        let mut documents = transaction.open_table(DOCUMENTS)?;
        match after {
            Some(bytes) => documents.insert(name, bytes.as_slice())?,
            None => documents.remove(name)?,
        };
    }
    Ok(())
}

fn write_group(
    transaction: &WriteTransaction,
    id: GroupId,
    before: Option<&Group>,
    after: Option<&Group>,
) -> Result<(), redb::Error> {
    let number = id.get();
    match (before, after) {
        (None, Some(group)) => {
            transaction.open_table(GROUPS)?.insert(number, group.name().as_str())?;
        }
        (Some(_), None) => return remove_group(transaction, number),
        (None, None) => return Ok(()),
        (Some(_), Some(_)) => {}
    }
    let [kept_before, kept_after] = [before, after].map(Kept::of);
    let mut versions = transaction.open_table(VERSIONS)?;
    let mut changes = transaction.open_table(CHANGES)?;
    for generation in kept_before.0.keys() {
        if !kept_after.0.contains_key(generation) {
            versions.remove((number, generation.get()))?;
            changes.remove((number, generation.get()))?;
        }
    }
    for (generation, (version, earlier)) in &kept_after.0 {
        let known = kept_before.0.get(generation);
        let key = (number, generation.get());
        if known.is_none() {
            versions.insert(key, Header::of(version).encode().as_slice())?;
        }
        let generation_of = |version: &Option<&Arc<Version>>| version.map(|it| it.generation);
        let earlier_before = known.and_then(|(_, earlier)| generation_of(earlier));
        match earlier {
            Some(earlier) if earlier_before != Some(earlier.generation) => {
                let back = encode_changes(version.set.diff(&earlier.set));
                changes.insert(key, back.as_slice())?;
            }
            Some(_) => {}
            None => {
                if earlier_before.is_some() {
                    changes.remove(key)?;
                }
            }
        }
    }
    let [set_before, set_after] = [before, after].map(|group| group.map(|it| &it.current().set));
    let empty = [set_before, set_after].into_iter().flatten().next().map(MappingSet::emptied);
    let Some(empty) = empty else { return Ok(()) };
    let mut mappings = None;
    for change in set_before.unwrap_or(&empty).diff(set_after.unwrap_or(&empty)) {
        if mappings.is_none() {
            mappings = Some(transaction.open_table(MAPPINGS)?);
        }
        let Some(mappings) = &mut mappings else { continue };
        let key = mapping_key(id, &change.slot());
        match change.target() {
            Some(target) => mappings.insert(&key, &target_bytes(&target))?,
            None => mappings.remove(&key)?,
        };
    }
    Ok(())
}

/// Removes all that is kept of a group.
fn remove_group(transaction: &WriteTransaction, number: u32) -> Result<(), redb::Error> {
    transaction.open_table(GROUPS)?.remove(number)?;
    let generations = (number, 0)..=(number, u64::MAX);
    transaction.open_table(VERSIONS)?.retain_in(generations.clone(), |_, _| false)?;
    transaction.open_table(CHANGES)?.retain_in(generations, |_, _| false)?;
    let [first, last] = mapping_keys(GroupId::new(number));
    transaction.open_table(MAPPINGS)?.retain_in::<&MappingKey, _>(&first..=&last, |_, _| false)?;
    Ok(())
}

/// Removes the generations that a store that was read does not keep, since fewer are kept now than
/// were; whether there were any.
pub(crate) fn forget(transaction: &WriteTransaction, store: &Store) -> Result<bool, redb::Error> {
    let is_kept = |number, generation| {
        let group = store.group_by_id(GroupId::new(number));
        let generation = Generation::new(generation).ok();
        generation.zip(group).is_some_and(|(it, group)| group.generation(it).is_some())
    };
    let mut versions = transaction.open_table(VERSIONS)?;
    let before = versions.len()?;
    versions.retain(|(number, generation), _| is_kept(number, generation))?;
    if versions.len()? == before {
        return Ok(false);
    }
    let oldest = |number| {
        let group = store.group_by_id(GroupId::new(number));
        group.map(|group| group.oldest().generation.get())
    };
    transaction.open_table(CHANGES)?.retain(|(number, generation), _| {
        is_kept(number, generation) && oldest(number) != Some(generation)
    })?;
    Ok(true)
}

/// The kept generations of a group, each with the one that was kept before it.
struct Kept<'a>(BTreeMap<Generation, (&'a Arc<Version>, Option<&'a Arc<Version>>)>);

impl<'a> Kept<'a> {
    fn of(group: Option<&'a Group>) -> Self {
        let versions: Vec<&Arc<Version>> =
            group.map(Group::generations).into_iter().flatten().collect();
        let earlier = versions.iter().copied().skip(1).map(Some).chain([None]);
        Self(
            versions
                .iter()
                .zip(earlier)
                .map(|(version, earlier)| (version.generation, (*version, earlier)))
                .collect(),
        )
    }
}

/// Why tables could not be read.
#[derive(Debug)]
pub(crate) enum ReadFailure {
    Storage(redb::Error),
    Damage(Damage),
}

impl<E: Into<redb::Error>> From<E> for ReadFailure {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

fn damage(damage: impl Into<Damage>) -> ReadFailure {
    ReadFailure::Damage(damage.into())
}

fn malformed(table: &'static str) -> impl FnOnce() -> ReadFailure {
    move || damage(Damage::Malformed { table })
}

/// Reads all that is kept.
pub(crate) fn read(
    transaction: &ReadTransaction,
    limits: Limits,
    row_cost: RowCost,
) -> Result<Contents, ReadFailure> {
    let mut sets = read_mappings(transaction)?;
    let mut versions = read_versions(transaction)?;
    let mut changes = BTreeMap::new();
    for record in transaction.open_table(CHANGES)?.iter()? {
        let (key, bytes) = record?;
        let back = decode_changes(bytes.value()).ok_or_else(malformed("changes"))?;
        changes.insert(key.value(), back);
    }
    let mut groups = Vec::new();
    for record in transaction.open_table(GROUPS)?.iter()? {
        let (number, name) = record?;
        let number = number.value();
        // There would be no number for the next group.
        if number == u32::MAX {
            return Err(malformed("groups")());
        }
        let name = GroupName::new(name.value()).map_err(|_| malformed("groups")())?;
        let current = sets.remove(&number).unwrap_or_default();
        let current = SortedMappings::new(current).map_err(|_| malformed("mappings")())?;
        let mut set = MappingSet::of_sorted(&current, row_cost);
        drop(current);
        let headers = versions.remove(&number).unwrap_or_default();
        let mut kept = Vec::with_capacity(headers.len());
        for (generation, header) in headers.into_iter().rev() {
            let Header { reserve, counts, stamp, digest } = header;
            if set.digest().to_bytes() != digest {
                let (group, generation) = (name.to_string(), generation.get());
                return Err(damage(Damage::Digest { group, generation }));
            }
            let earlier = match changes.remove(&(number, generation.get())) {
                Some(back) => Some(set.changed(&back).map_err(damage)?),
                None => None,
            };
            kept.push(Version { generation, set: set.clone(), reserve, counts, stamp });
            match earlier {
                Some(earlier) => set = earlier,
                None => set = set.emptied(),
            }
        }
        groups.push(KeptGroup { id: GroupId::new(number), name, versions: kept });
    }
    if !sets.is_empty() {
        return Err(damage(Damage::Orphan { table: "mappings" }));
    }
    if !versions.is_empty() {
        return Err(damage(Damage::Orphan { table: "versions" }));
    }
    if !changes.is_empty() {
        return Err(damage(Damage::Orphan { table: "changes" }));
    }
    let tombstones = read_tombstones(transaction)?;
    let store = Store::restore(limits, row_cost, groups, tombstones).map_err(damage)?;
    let mut documents = BTreeMap::new();
    for record in transaction.open_table(DOCUMENTS)?.iter()? {
        let (name, bytes) = record?;
        documents.insert(name.value().to_owned(), bytes.value().to_vec());
    }
    Ok(Contents { store, documents })
}

fn read_mappings(
    transaction: &ReadTransaction,
) -> Result<BTreeMap<u32, Vec<Mapping>>, ReadFailure> {
    let mut sets = BTreeMap::<u32, Vec<Mapping>>::new();
    // They come group by group.
    let mut here: Option<(u32, Vec<Mapping>)> = None;
    for record in transaction.open_table(MAPPINGS)?.iter()? {
        let (key, target) = record?;
        let (group, mapping) =
            mapping(key.value(), target.value()).ok_or_else(malformed("mappings"))?;
        match &mut here {
            Some((number, set)) if *number == group.get() => set.push(mapping),
            _ => {
                sets.extend(here.replace((group.get(), vec![mapping])));
            }
        }
    }
    sets.extend(here);
    Ok(sets)
}

type Headers = BTreeMap<u32, Vec<(Generation, Header)>>;

fn read_versions(transaction: &ReadTransaction) -> Result<Headers, ReadFailure> {
    let mut versions = Headers::new();
    for record in transaction.open_table(VERSIONS)?.iter()? {
        let (key, bytes) = record?;
        let (number, generation) = key.value();
        let generation = Generation::new(generation).map_err(|_| malformed("versions")())?;
        let header = Header::decode(bytes.value()).ok_or_else(malformed("versions"))?;
        versions.entry(number).or_default().push((generation, header));
    }
    Ok(versions)
}

fn read_tombstones(
    transaction: &ReadTransaction,
) -> Result<Vec<(GroupName, Generation)>, ReadFailure> {
    let mut tombstones = Vec::new();
    for record in transaction.open_table(TOMBSTONES)?.iter()? {
        let (name, generation) = record?;
        let name = GroupName::new(name.value()).map_err(|_| malformed("tombstones")())?;
        let generation =
            Generation::new(generation.value()).map_err(|_| malformed("tombstones")())?;
        tombstones.push((name, generation));
    }
    Ok(tombstones)
}
