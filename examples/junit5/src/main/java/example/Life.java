package example;

/** Conway's game of life on a board that is a torus. */
public record Life(boolean[][] cells) {
    public static Life of(String... rows) {
        boolean[][] cells = new boolean[rows.length][rows[0].length()];
        for (int row = 0; row < rows.length; row++) {
            for (int column = 0; column < rows[row].length(); column++) {
                cells[row][column] = rows[row].charAt(column) == '#';
            }
        }
        return new Life(cells);
    }

    public Life next() {
        boolean[][] next = new boolean[cells.length][cells[0].length];
        for (int row = 0; row < next.length; row++) {
            for (int column = 0; column < next[row].length; column++) {
                int around = around(row, column);
                next[row][column] = around == 3 || around == 2 && cells[row][column];
            }
        }
        return new Life(next);
    }

    private int around(int row, int column) {
        int count = 0;
        for (int each = 0; each < 9; each++) {
            int up = Math.floorMod(row + each / 3 - 1, cells.length);
            int left = Math.floorMod(column + each % 3 - 1, cells[0].length);
            count += each != 4 && cells[up][left] ? 1 : 0;
        }
        return count;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (boolean[] row : cells) {
            for (boolean cell : row) {
                text.append(cell ? '#' : '.');
            }
            text.append('/');
        }
        return text.toString();
    }
}
