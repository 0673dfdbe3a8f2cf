// Package fuzz holds the fuzz targets of the module: text that users edit, and
// random programs on which what ravel promises must hold.
package fuzz
