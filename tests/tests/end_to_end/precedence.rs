//! Where several reasons to refuse apply, the first in the published order is given: each step
//! here takes the reason away that the step before was refused for.

use dpd_tests::{
    Settings, Testbed, With as _, entry, entry_list, instances, request, services, target,
};
use serde_json::{Value, json};

#[tokio::test]
async fn of_several_reasons_the_first_in_the_order_of_the_contract_is_given() {
    let bed = Testbed::start_with(Settings::sized(40, 40));
    bed.ensure("services", 7, &services()).await.ok();
    bed.ensure("instances", 7, &instances(8, 1)).await.ok();
    bed.device.refuse_writes(true);

    // Everything is wrong with this one.
    let mut set = instances(200, 9);
    let conflicting = services()[0].to(target(30));
    set.push(conflicting);
    set.push(entry("224.0.0.1", 0, 9, target(1)));
    let mut body = request(6, &set).with("max_removals", 0);
    body["entries"][3]["target"]["vni"] = json!("text");
    let ask = async |body: &Value| bed.ensure_with("instances", body).await;
    bed.refuses("InvalidBody", ask(&body)).await;

    body["entries"] = entry_list(&set);
    bed.refuses("InvalidEntries", ask(&body)).await;

    set.pop();
    body["entries"] = entry_list(&set);
    bed.refuses("StaleGeneration", ask(&body)).await;
    bed.refuses("GenerationMismatch", ask(&body.clone().with("generation", 7))).await;

    body["generation"] = json!(8);
    bed.refuses("TooManyRemovals", ask(&body)).await;

    let mut body = body.without("max_removals");
    bed.refuses("EntryConflict", ask(&body)).await;

    set.pop();
    body["entries"] = entry_list(&set);
    bed.refuses("TableFull", ask(&body)).await;

    body["entries"] = entry_list(&set[..5]);
    let before = bed.everything().await;
    ask(&body).await.refused("DeviceRefused");
    assert_eq!(bed.everything().await.without_last_errors(), before);

    bed.device.refuse_writes(false);
    ask(&body).await.ok();
}

#[tokio::test]
async fn an_empty_set_is_refused_after_its_generation_and_before_its_removals() {
    let bed = Testbed::inhabited().await;
    let body = request(6, &[]).with("max_removals", 0);
    bed.refuses("StaleGeneration", bed.ensure_with("services", &body)).await;
    let body = body.with("generation", 7);
    bed.refuses("GenerationMismatch", bed.ensure_with("services", &body)).await;
    let body = body.with("generation", 8);
    bed.refuses("EmptySet", bed.ensure_with("services", &body)).await;
    let body = body.with("allow_empty", true);
    bed.refuses("TooManyRemovals", bed.ensure_with("services", &body)).await;
}

/// What the path and the query say is looked at before the body.
#[tokio::test]
async fn a_name_or_a_query_that_is_wrong_is_told_before_a_body_that_is() {
    let bed = Testbed::inhabited().await;
    bed.refuses("InvalidGroupName", bed.put_text("/nat/groups/Services", "{")).await;
    bed.refuses("InvalidQuery", bed.put_text("/nat/groups/services?dryrun=true", "{")).await;
    bed.refuses("InvalidBody", bed.put_text("/nat/groups/ungrouped", "{")).await;
}
