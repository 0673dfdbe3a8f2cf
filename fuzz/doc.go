// Package fuzz holds the fuzz targets of the module: text that users edit, reports, and
// random programs and pipelines on which what ravel promises must hold.
package fuzz
