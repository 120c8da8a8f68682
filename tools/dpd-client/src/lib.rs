//! A client of dpd, generated from its OpenAPI document
