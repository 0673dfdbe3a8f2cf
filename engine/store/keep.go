package store

import "slices"

// The functions below return what a store keeps of a row: a copy that shares
// nothing with it, with times in UTC and texts that all databases have.

func keepAll[T any](all []T, keep func(T) T) []T {
	var kept []T
	for _, v := range all {
		kept = append(kept, keep(v))
	}
	return kept
}

func keepRun(r Run) Run {
	texts(&r.ID, &r.RootID, &r.ParentID, &r.Pipeline, &r.PlanHash, &r.Reason, &r.Error,
		&r.ErrorKind, &r.ErrorSource, &r.ErrorPath, &r.Schedule, &r.LeaseOwner)
	r.Status = Status(Text(string(r.Status)))
	r.Started, r.Ended, r.LeaseUntil = r.Started.UTC(), r.Ended.UTC(), r.LeaseUntil.UTC()
	r.Labels, r.Metrics = keepJSON(r.Labels), keepJSON(r.Metrics)
	return r
}

func keepEvent(e Event) Event {
	texts(&e.RunID, &e.Type, &e.Kind, &e.Node, &e.Path)
	e.Time = e.Time.UTC()
	e.Data, e.Notes = keepJSON(e.Data), keepJSON(e.Notes)
	return e
}

func keepCheckpoint(c Checkpoint) Checkpoint {
	texts(&c.Cut, &c.Codec)
	c.State, c.Ledger = slices.Clone(c.State), slices.Clone(c.Ledger)
	c.Written = c.Written.UTC()
	return c
}

func keepOwner(o Owner) Owner {
	o.RunID = Text(o.RunID)
	return o
}

func keepItem(i Item) Item {
	i.Owner = keepOwner(i.Owner)
	i.Status = Text(i.Status)
	i.Result = slices.Clone(i.Result)
	return i
}

func keepJSON(data []byte) []byte {
	if data == nil {
		return nil
	}
	return []byte(Text(string(data)))
}

func texts(all ...*string) {
	for _, s := range all {
		*s = Text(*s)
	}
}
