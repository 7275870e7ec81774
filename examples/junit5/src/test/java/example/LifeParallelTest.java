package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class LifeParallelTest {
    @Test
    void inThreadsOfItsOwn() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            Future<String> one = pool.submit(this::still);
            Future<String> other = pool.submit(this::still);
            assertEquals(one.get(), other.get());
        } finally {
            pool.shutdown();
        }
    }

    private String still() {
        Work.millis(120);
        System.out.println("<LifeParallelTest> in " + Thread.currentThread().getName());
        return Life.of("....", ".##.", ".##.", "....").next().toString();
    }
}
