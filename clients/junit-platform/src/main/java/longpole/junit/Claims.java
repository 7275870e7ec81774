package longpole.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** Takes classes from the queue that all forks share: one file a class, the heaviest first by name. */
final class Claims {
    private final String fork;
    private final Iterator<Path> left;

    Claims(Path queue, String fork) throws IOException {
        this.fork = fork;
        try (Stream<Path> files = Files.list(queue)) {
            Comparator<Path> byRank = Comparator.comparingInt(file -> Integer.parseInt(file.getFileName().toString()));
            left = files.filter(file -> file.getFileName().toString().matches("[0-9]{1,9}")).sorted(byRank).toList()
                    .iterator();
        }
    }

    /** The names of the next classes, which no other fork has taken; fewer, or none, at the end of the queue. */
    List<String> next(int most) throws IOException {
        List<String> taken = new ArrayList<>();
        while (taken.size() < most && left.hasNext()) {
            Path file = left.next();
            Path own = file.resolveSibling(file.getFileName() + ".fork-" + fork);
            try {
                taken.add(Files.readString(Files.move(file, own, StandardCopyOption.ATOMIC_MOVE)).strip());
            } catch (NoSuchFileException faster) {
                continue; // Another fork has it.
            }
        }
        return taken;
    }
}
