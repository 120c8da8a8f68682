// The core library of P4_16: what every program may use, whatever the architecture. Declared as in
// the language specification 1.2.5, appendix D.

#ifndef _CORE_P4_
#define _CORE_P4_

// The errors that the language itself raises. A program adds its own in `error` declarations.
error {
    NoError,
    PacketTooShort,       // an extract, lookahead or advance went past the end of the packet
    NoMatch,              // no case of a select expression matched
    StackOutOfBounds,     // an element that a header stack does not have
    HeaderTooShort,       // more bits than a varbit field can hold
    ParserTimeout,        // the parser took too many steps
    ParserInvalidArgument // an argument that the target cannot take
}

extern packet_in {
    // Reads a header of fixed size and moves the cursor behind it.
    void extract<T>(out T hdr);

    // Reads a header with exactly one varbit field, which takes `variableFieldSizeInBits` bits.
    void extract<T>(out T variableSizeHeader, in bit<32> variableFieldSizeInBits);

    // Reads without moving the cursor.
    T lookahead<T>();

    // Moves the cursor forward.
    void advance(in bit<32> sizeInBits);

    // The length of the packet in bytes.
    bit<32> length();
}

extern packet_out {
    // Appends a valid header to the packet, or nothing for an invalid one. Of a stack or a struct:
    // each of its headers in order.
    void emit<T>(in T hdr);
}

// In a parser: if `check` is false, sets the parser error and goes to the state `reject`.
extern void verify(in bool check, in error toSignal);

@noWarn("unused")
action NoAction() {}

match_kind {
    exact,
    ternary,
    lpm
}

// A check made when the program is compiled. It gives a value so that it can stand in a constant's
// initializer.
extern bool static_assert(bool check, string message);
extern bool static_assert(bool check);

#endif
