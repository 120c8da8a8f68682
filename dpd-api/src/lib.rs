//! The HTTP interface of dpd as a dropshot API trait
