//! `swadm nat group ensure`.

use super::group;
use crate::args::Ensure;
use crate::input::{InputSet, Options};
use crate::render::ensured;
use crate::session::Session;
use crate::trouble::Trouble;
use dpd_client::Failure;
use dpd_types::EnsureRequest;

pub(super) async fn carry_out(session: &Session, args: Ensure) -> Result<(), Trouble> {
    let Ensure {
        group,
        file,
        format,
        generation,
        dry_run,
        adopt,
        reserve,
        max_removals,
        allow_empty,
    } = args;
    let set = InputSet::read(&file, format)?;
    let in_file = set.options;
    let generation = group::generation(session, &group, generation).await?;
    let options = Options {
        generation: generation.or(in_file.generation),
        adopt: adopt.or(in_file.adopt),
        reserve: reserve.or(in_file.reserve),
        max_removals: max_removals.or(in_file.max_removals),
        allow_empty: allow_empty.then_some(true).or(in_file.allow_empty),
    };
    let request = session.client.nat_group_ensure().group(group.as_str());
    let request = if dry_run { request.dry_run(true) } else { request };
    let sent = request.body(body(&set, options)?).send().await;
    let result = match sent {
        Ok(result) => result.into_inner(),
        Err(error) => {
            let failure = Failure::from(error);
            return Err(Trouble::Entries { failure, set: Box::new(set) });
        }
    };
    session.output.print(&result, |color| ensured(&result, color))
}

fn body(set: &InputSet, options: Options) -> Result<EnsureRequest, Trouble> {
    let Options { generation, adopt, reserve, max_removals, allow_empty } = options;
    Ok(EnsureRequest {
        generation: generation.ok_or(Trouble::WhichGeneration)?,
        entries: set.entries.clone(),
        adopt: adopt.unwrap_or_default(),
        reserve,
        max_removals,
        allow_empty: allow_empty.unwrap_or_default(),
    })
}
