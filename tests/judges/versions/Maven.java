import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import org.apache.maven.artifact.versioning.ComparableVersion;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.InvalidVersionSpecificationException;
import org.apache.maven.artifact.versioning.VersionRange;

/** Maven's own classes: "left TAB right" gives -1, 0 or 1; with --ranges, "version TAB range" gives 1, 0 or x. */
public class Maven {
    public static void main(String[] arguments) throws Exception {
        boolean ranges = arguments.length > 0 && arguments[0].equals("--ranges");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        PrintStream output = new PrintStream(new java.io.BufferedOutputStream(System.out, 1 << 16), false);
        String line;
        while ((line = input.readLine()) != null) {
            String[] pair = line.split("\t", -1);
            if (ranges) {
                try {
                    VersionRange range = VersionRange.createFromVersionSpec(pair[1]);
                    output.println(range.containsVersion(new DefaultArtifactVersion(pair[0])) ? 1 : 0);
                } catch (InvalidVersionSpecificationException error) {
                    output.println("x");
                }
            } else {
                output.println(Integer.signum(new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]))));
            }
        }
        output.flush();
    }
}
