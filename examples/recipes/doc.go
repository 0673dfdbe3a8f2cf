// Package recipes holds the code of docs/recipes.md: types as one writes them for
// production, on the primitives of sched and the variables of race, and in the
// tests beside each the mistake that is easily made in its place.
package recipes
