//! Layout plan, cost model and witness of a quantised model's circuit
