// The architecture "v1model", version 20180101 (what p4c takes when V1MODEL_VERSION is not
// defined): a parser, checksum verification, ingress, egress, checksum update and a deparser, one
// after the other.
//
// What this interpreter does not support is not declared here: meters, action profiles and
// selectors, digest, clone, resubmit, recirculate, random and truncate. A program that names one of
// them is refused with that name.

#ifndef _V1_MODEL_P4_
#define _V1_MODEL_P4_

#include <core.p4>

#ifndef V1MODEL_VERSION
#define V1MODEL_VERSION 20180101
#endif

#if V1MODEL_VERSION != 20180101
#error "only version 20180101 of v1model is supported"
#endif

const bit<32> __v1model_version = V1MODEL_VERSION;

match_kind {
    range,    // between two bounds, both included
    optional, // one value, or any
    selector  // only has a meaning for an action selector, so that no table can use it here
}

// What the switch tells the program about a packet, and the program the switch. Every packet starts
// with all of it zero except `ingress_port`, `packet_length` and the time stamps.
@metadata @name("standard_metadata")
struct standard_metadata_t {
    bit<9>  ingress_port;  // where the packet came in
    bit<9>  egress_spec;   // set by ingress: where the packet shall go; 511 drops it
    bit<9>  egress_port;   // only in egress: where the packet goes
    bit<32> instance_type; // 0: an ordinary packet, the only kind there is here
    bit<32> packet_length; // in bytes, as the packet came in

    @alias("queueing_metadata.enq_timestamp") bit<32> enq_timestamp;
    @alias("queueing_metadata.enq_qdepth")    bit<19> enq_qdepth;
    @alias("queueing_metadata.deq_timedelta") bit<32> deq_timedelta;
    @alias("queueing_metadata.deq_qdepth")    bit<19> deq_qdepth;

    // In microseconds since the switch started.
    @alias("intrinsic_metadata.ingress_global_timestamp") bit<48> ingress_global_timestamp;
    @alias("intrinsic_metadata.egress_global_timestamp")  bit<48> egress_global_timestamp;

    @alias("intrinsic_metadata.mcast_grp")  bit<16> mcast_grp;
    @alias("intrinsic_metadata.egress_rid") bit<16> egress_rid;

    bit<1> checksum_error; // 1 if a verify_checksum found a wrong one
    error  parser_error;   // why the parser stopped, or error.NoError

    @alias("intrinsic_metadata.priority") bit<3> priority;
}

enum CounterType {
    packets,
    bytes,
    packets_and_bytes
}

// An array of counters. Counting at an index beyond its size does nothing.
extern counter {
    counter(bit<32> size, CounterType type);
    void count(in bit<32> index);
}

// One counter for each entry of the table that names it in its property `counters`. Every hit
// counts, whether or not the action calls count().
extern direct_counter {
    direct_counter(CounterType type);
    void count();
}

// An array of values that outlive the packet, zero at first. A read beyond its size gives an
// unspecified value, a write there does nothing.
extern register<T> {
    register(bit<32> size);
    @noSideEffects
    void read(out T result, in bit<32> index);
    void write(in bit<32> index, in T value);
}

enum HashAlgorithm {
    crc32,
    crc32_custom,
    crc16,
    crc16_custom,
    random,
    identity,
    csum16,
    xor16
}

// Sends the packet to the drop port, unless the program chooses another port afterwards.
@deprecated("Please use mark_to_drop(standard_metadata) instead.")
extern void mark_to_drop();
@pure
extern void mark_to_drop(inout standard_metadata_t standard_metadata);

// The result is `base + H % max` of the hash H of `data`, or `base` if `max` is 0.
@pure
extern void hash<O, T, D, M>(out O result, in HashAlgorithm algo, in T base, in D data, in M max);

// Sets checksum_error if `condition` holds and the checksum of `data` is not `checksum`. Only in
// the control VerifyChecksum. The forms "with payload" take the bytes that were not parsed as well,
// behind `data`.
extern void verify_checksum<T, O>(in bool condition, in T data, in O checksum, HashAlgorithm algo);
extern void verify_checksum_with_payload<T, O>(in bool condition, in T data, in O checksum,
                                               HashAlgorithm algo);

// Writes the checksum of `data` to `checksum` if `condition` holds. Only in the control
// ComputeChecksum.
@pure
extern void update_checksum<T, O>(in bool condition, in T data, inout O checksum,
                                  HashAlgorithm algo);
@noSideEffects
extern void update_checksum_with_payload<T, O>(in bool condition, in T data, inout O checksum,
                                               HashAlgorithm algo);

// What must hold (assert), and what may be relied upon (assume). A packet for which it does not
// hold stops the run of that packet with an error.
extern void assert(in bool check);
extern void assume(in bool check);

// Writes a line to the log; each `{}` in the text stands for the next value of `data`.
extern void log_msg(string msg);
extern void log_msg<T>(string msg, in T data);

// H is the program's struct of headers, M its struct of metadata.

parser Parser<H, M>(packet_in b,
                    out H parsedHdr,
                    inout M meta,
                    inout standard_metadata_t standard_metadata);

control VerifyChecksum<H, M>(inout H hdr,
                             inout M meta);

@pipeline
control Ingress<H, M>(inout H hdr,
                      inout M meta,
                      inout standard_metadata_t standard_metadata);

@pipeline
control Egress<H, M>(inout H hdr,
                     inout M meta,
                     inout standard_metadata_t standard_metadata);

control ComputeChecksum<H, M>(inout H hdr,
                              inout M meta);

@deparser
control Deparser<H>(packet_out b, in H hdr);

package V1Switch<H, M>(Parser<H, M> p,
                       VerifyChecksum<H, M> vr,
                       Ingress<H, M> ig,
                       Egress<H, M> eg,
                       ComputeChecksum<H, M> ck,
                       Deparser<H> dep);

#endif
