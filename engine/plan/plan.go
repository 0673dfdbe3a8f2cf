// Package plan describes pipelines as data: to draw them, to keep them beside
// their runs, and to tell whether two are the same.
package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Plan describes a pipeline. It says everything about its graph and its options
// and nothing about its code. Encoded by encoding/json it is the same, byte for
// byte, for the same definition.
type Plan struct {
	Name string `json:"name"`
	// Hash is [Plan.Sum].
	Hash string `json:"hash,omitempty"`
	// Nodes are in the order of their declaration.
	Nodes []Node `json:"nodes"`
	// Roots are the names of the nodes that start first.
	Roots []string `json:"roots"`
	// Policy is "fail-fast", "finish-siblings" or "continue-on-error".
	Policy      string        `json:"policy"`
	MultiRoot   bool          `json:"multiRoot,omitempty"`
	MaxRetries  int           `json:"maxRetries"`
	MaxJumps    int           `json:"maxJumps"`
	HookTimeout time.Duration `json:"hookTimeout"` // in nanoseconds, as all durations here
	// OnStart, OnFinish and Middleware count those, and Handler says whether the
	// pipeline has a handler.
	OnStart    int  `json:"onStart,omitempty"`
	OnFinish   int  `json:"onFinish,omitempty"`
	Middleware int  `json:"middleware,omitempty"`
	Handler    bool `json:"handler,omitempty"`
}

// Node describes a node.
type Node struct {
	Name string `json:"name"`
	// Kind is "step", "map", "switch" or "sub".
	Kind string `json:"kind"`
	// To are the static successors and Jumps the targets of Goto, in order.
	To    []string `json:"to,omitempty"`
	Jumps []string `json:"jumps,omitempty"`
	// Cases are those of a switch, in order, and Default where other keys lead;
	// empty if they are a failure.
	Cases   []Case `json:"cases,omitempty"`
	Default string `json:"default,omitempty"`
	// Join is what a node with several predecessors waits for: "all", "any",
	// "at-least:3" or "per-arrival". It is empty for other nodes.
	Join           string        `json:"join,omitempty"`
	BarrierTimeout time.Duration `json:"barrierTimeout,omitempty"`
	Timeout        time.Duration `json:"timeout,omitempty"`
	Retry          *Retry        `json:"retry,omitempty"`
	Handler        bool          `json:"handler,omitempty"`
	// MaxConcurrency, MaxItems and MapTimeout are of a map, and Gathers says
	// whether it collects results.
	MaxConcurrency int           `json:"maxConcurrency,omitempty"`
	MaxItems       int           `json:"maxItems,omitempty"`
	MapTimeout     time.Duration `json:"mapTimeout,omitempty"`
	Gathers        bool          `json:"gathers,omitempty"`
	// Inner is the pipeline of a sub, or of a map with an inner run per item.
	Inner *Plan `json:"inner,omitempty"`
}

// Case is a case of a switch.
type Case struct {
	Key string `json:"key"` // as fmt prints it
	To  string `json:"to"`
}

// Retry is how failed attempts are repeated.
type Retry struct {
	MaxAttempts int           `json:"maxAttempts"`
	BaseDelay   time.Duration `json:"baseDelay,omitempty"`
	MaxDelay    time.Duration `json:"maxDelay,omitempty"`
	Multiplier  float64       `json:"multiplier,omitempty"`
	Jitter      float64       `json:"jitter,omitempty"`
}

// Sum returns what identifies p: the SHA-256, in hexadecimal digits, of its JSON
// without Hash.
func (p Plan) Sum() string {
	p.Hash = ""
	text, err := json.Marshal(p)
	if err != nil {
		panic("plan: " + err.Error()) // it has no value that JSON does not
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
