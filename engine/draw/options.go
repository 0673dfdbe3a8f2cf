package draw

import "fmt"

// Direction is where the edges of a drawing lead.
type Direction string

// The directions.
const (
	Down  Direction = "TB" // from top to bottom
	Right Direction = "LR" // from left to right
)

// State is what has become of a node in a run.
type State string

// The states, which differ by colour.
const (
	Running   State = "running"
	OK        State = "ok"
	Skipped   State = "skipped"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// colors are those of a state: of its area and its border.
type colors struct {
	state        State
	fill, stroke string
}

var palette = []colors{
	{Running, "#dbeafe", "#2563eb"},
	{OK, "#dcfce7", "#16a34a"},
	{Skipped, "#f3f4f6", "#9ca3af"},
	{Failed, "#fee2e2", "#dc2626"},
	{Cancelled, "#fef3c7", "#d97706"},
}

// Options are the options of a drawing. The zero value is the default.
type Options struct {
	// Direction is Down if it is empty.
	Direction Direction
	// Title stands above the drawing. Empty means the name of the pipeline.
	Title string
	// States colours nodes. Keys are the paths of nodes, without the indexes of
	// items: refund, or refund/check for a node of the inner pipeline of refund.
	// Other nodes, and those with another state than those above, have no
	// colour.
	States map[string]State
}

// checked returns o with its defaults. It panics if Direction is unknown.
func (o Options) checked() Options {
	switch o.Direction {
	case "":
		o.Direction = Down
	case Down, Right:
	default:
		panic(fmt.Sprintf("draw: Direction is %q, want Down, Right or nothing", o.Direction))
	}
	return o
}
