package example;

/** Queens on a board, none of which attacks another. */
public final class Queens {
    private Queens() {}

    /** The number of ways to place as many queens as the board has rows. */
    public static int solutions(int size) {
        return place(size, 0, 0, 0, 0);
    }

    private static int place(int size, int row, int columns, int left, int right) {
        if (row == size) {
            return 1;
        }
        int count = 0;
        for (int column = 0; column < size; column++) {
            int bit = 1 << column;
            if (((columns | left | right) & bit) == 0) {
                count += place(size, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1);
            }
        }
        return count;
    }
}
