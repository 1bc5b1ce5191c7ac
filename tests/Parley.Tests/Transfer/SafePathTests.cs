using Parley.Client.Transfer;
using Parley.Client.Transfer.Paths;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Transfer;

public sealed class SafePathTests
{
    private static readonly TransferLimits _limits = new();

    [Theory]
    [InlineData("a")]
    [InlineData("a/b/c.txt")]
    [InlineData(".ssh")]
    [InlineData("-rf")]
    [InlineData("~")]
    [InlineData("con1/console/nullable")]
    [InlineData("Bär/日本語/عربي")]
    [InlineData("a b (1).tar.gz")]
    [InlineData("%5c..%2f")]
    public void A_harmless_path_may_travel(string path) => Assert.Null(SafePath.Refuse(path, _limits));

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("//server/share")]
    [InlineData("\\\\server\\share")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a/..")]
    [InlineData("./a")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("a\\b")]
    [InlineData("..\\x")]
    [InlineData("C:x")]
    [InlineData("C:/x")]
    [InlineData("file.txt:stream")]
    [InlineData("a.")]
    [InlineData("a ")]
    [InlineData(" a")]
    [InlineData("...")]
    [InlineData("a./b")]
    [InlineData("CON")]
    [InlineData("con.txt")]
    [InlineData("a/nul.tar.gz")]
    [InlineData("COM1")]
    [InlineData("lpt\u00b2.x")]
    [InlineData("conin$")]
    [InlineData("CLOCK$")]
    [InlineData("nul .txt")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("\u001b[31mred")]
    [InlineData("\u001b]52;c;aGk=\u0007")]
    [InlineData("a\u007f")]
    [InlineData("a\u009b31m")]
    [InlineData("evil\u202egnp.exe")]
    [InlineData("a\u200bb")]
    [InlineData("a\u2028b")]
    [InlineData("a\ue000b")]
    [InlineData("e\u0301")]
    [InlineData("a*b")]
    [InlineData("a?b")]
    [InlineData("a|b")]
    [InlineData("a<b>")]
    [InlineData("a\"b")]
    [InlineData(".parley-0123.part")]
    [InlineData("x/.PARLEY-0123.state")]
    public void A_path_that_harms_somewhere_may_not(string path) => Assert.NotNull(SafePath.Refuse(path, _limits));

    [Fact]
    public void Length_and_depth_have_limits()
    {
        Assert.NotNull(SafePath.Refuse("half\ud800", _limits));
        Assert.Null(SafePath.Refuse(new string('a', 255), _limits));
        Assert.NotNull(SafePath.Refuse(new string('a', 256), _limits));
        Assert.NotNull(SafePath.Refuse(new string('ä', 128), _limits));
        Assert.Null(SafePath.Refuse(string.Join('/', Enumerable.Repeat("a", 100)), _limits));
        Assert.NotNull(SafePath.Refuse(string.Join('/', Enumerable.Repeat("a", 101)), _limits));
        Assert.NotNull(SafePath.Refuse(string.Join('/', Enumerable.Repeat(new string('a', 255), 17)), _limits));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a", "A")]
    [InlineData("Straße", "STRAßE")]
    [InlineData("\u212a", "k")]
    [InlineData("\u017f", "S")]
    [InlineData("É", "é")]
    public void Two_paths_that_some_system_takes_for_one_are_refused(string first, string second)
    {
        var manifest = new Manifest(_limits);
        manifest.Add(File(Nfc.Of(first)));

        Assert.Equal(ErrorCode.TransferPath, Assert.Throws<ParleyException>(() => manifest.Add(File(Nfc.Of(second)))).Code);
    }

    [Fact]
    public void A_file_cannot_be_a_folder_too_and_folders_come_before_what_is_in_them()
    {
        var manifest = new Manifest(_limits);
        manifest.Add(File("a"));
        manifest.Add(new ManifestEntry("d", EntryKind.Folder, 0, 0, 0, false));
        manifest.Add(File("d/x"));

        Assert.Throws<ParleyException>(() => manifest.Add(File("a/b")));
        Assert.Throws<ParleyException>(() => manifest.Add(File("A/b")));
        Assert.Throws<ParleyException>(() => manifest.Add(File("e/x")));
        Assert.Throws<ParleyException>(() => manifest.Add(File("d")));
    }

    [Fact]
    public void What_is_let_through_never_leaves_its_folder()
    {
        var pieces = new[] { "..", ".", "/", "\\", ":", "C", "a", "\0", " ", "~", "%2e", "\u202e", "CON", "\u0301", "é", "//", "..." };
        Fuzz.Run(4200, Fuzz.Count, random => string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => pieces[random.Next(pieces.Length)])), path =>
        {
            if (SafePath.Refuse(path, _limits) is null)
            {
                var full = Path.GetFullPath(Path.Combine("/root-of-all", path));
                Assert.StartsWith("/root-of-all/", full, StringComparison.Ordinal);
                Assert.Equal(path, Path.GetRelativePath("/root-of-all", full));
                Assert.DoesNotContain('\\', path);
            }
        });
    }

    // From unicodedata of Python 3: composed, excluded from composition, reordered, Hangul, blocked, outside the basic plane.
    [Theory]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u212b", "\u00c5")]
    [InlineData("\u0958", "\u0915\u093c")]
    [InlineData("a\u0323\u0307", "\u1ea1\u0307")]
    [InlineData("a\u0307\u0323", "\u1ea1\u0307")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    [InlineData("\ud55c", "\ud55c")]
    [InlineData("\u1e9b\u0323", "\u1e9b\u0323")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\ud834\udd5e", "\ud834\udd57\ud834\udd65")]
    [InlineData("\u00c5ngstr\u00f6m", "\u00c5ngstr\u00f6m")]
    public void Names_are_compared_in_one_normal_form(string text, string normal)
    {
        Assert.Equal(normal, Nfc.Of(text));
        Assert.Equal(normal, Nfc.Of(Nfc.Of(text)));
    }

    private static ManifestEntry File(string path) => new(path, EntryKind.File, 1, 0, 0, false);
}
