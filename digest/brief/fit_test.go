package brief

import "math"

// fit returns the weights of a logistic model of n rows with a quadratic
// penalty, by Newton's method.
func fit(n, width int, at func(int) (x []float64, y float64)) []float64 {
	const penalty = 3
	w := make([]float64, width)
	for range 8 {
		gradient, hessian := make([]float64, width), make([][]float64, width)
		for i := range hessian {
			hessian[i] = make([]float64, width+1)
		}
		for k := range n {
			x, y := at(k)
			sum := 0.0
			for i, v := range x {
				sum += w[i] * v
			}
			p := 1 / (1 + math.Exp(-sum))
			for i, v := range x {
				if v == 0 {
					continue
				}
				gradient[i] += (y - p) * v
				row, c := hessian[i], p*(1-p)*v
				for j, u := range x[:i+1] {
					row[j] += c * u
				}
			}
		}
		for i := range w {
			for j := range i {
				hessian[j][i] = hessian[i][j]
			}
			hessian[i][i] += penalty
			hessian[i][width] = gradient[i] - penalty*w[i]
		}
		for i, v := range solve(hessian) {
			w[i] += v
		}
	}
	for i := range w {
		w[i] = math.Round(w[i]*1e4) / 1e4
	}
	return w
}

// solve solves a system of linear equations, the right side being the last column.
func solve(m [][]float64) []float64 {
	n := len(m)
	x := make([]float64, n)
	for i := range m {
		p := i
		for k := i + 1; k < n; k++ {
			if math.Abs(m[k][i]) > math.Abs(m[p][i]) {
				p = k
			}
		}
		m[i], m[p] = m[p], m[i]
		for k := i + 1; k < n; k++ {
			f := m[k][i] / m[i][i]
			for j := i; j <= n; j++ {
				m[k][j] -= f * m[i][j]
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		sum := m[i][n]
		for j := i + 1; j < n; j++ {
			sum -= m[i][j] * x[j]
		}
		x[i] = sum / m[i][i]
	}
	return x
}
