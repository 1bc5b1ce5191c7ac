using Parley.Client.Transfer;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Sending;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Transfer;

public sealed class SourceTreeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_link_is_refused_by_name_and_followed_when_asked()
    {
        Directory.CreateDirectory(_folder.PathOf("tree"));
        File.WriteAllText(_folder.PathOf("target"), "content");
        File.CreateSymbolicLink(_folder.PathOf("tree/link"), _folder.PathOf("target"));

        var refused = Assert.Throws<ParleyException>(() => Walk(new SendOptions { Paths = [_folder.PathOf("tree")] }));
        var followed = Walk(new SendOptions { Paths = [_folder.PathOf("tree")], FollowsLinks = true });

        Assert.Equal(ErrorCode.TransferPath, refused.Code);
        Assert.StartsWith("tree/link is a link; --follow-links", refused.Message);
        Assert.Equal([("tree", 0L), ("tree/link", 7L)], followed.Select(entry => (entry.Path, entry.Size)));
    }

    [Fact]
    public async Task A_link_to_a_pipe_is_refused_and_nobody_waits_for_who_might_write_into_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes are made by mkfifo.");
        Directory.CreateDirectory(_folder.PathOf("tree"));
        await System.Diagnostics.Process.Start("mkfifo", [_folder.PathOf("pipe")]).WaitForExitAsync(TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(_folder.PathOf("tree/link"), _folder.PathOf("pipe"));

        var walking = Task.Run(() => Walk(new SendOptions { Paths = [_folder.PathOf("tree")], FollowsLinks = true }), TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<ParleyException>(() => walking.WaitAsync(Deadline.Shared));

        Assert.Equal(ErrorCode.TransferPath, refused.Code);
        Assert.Contains("is no file and no folder", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_became_a_pipe_after_the_walk_is_told_and_nobody_waits()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes are made by mkfifo.");
        File.WriteAllText(_folder.PathOf("f"), "mine");
        var options = new SendOptions { Paths = [_folder.PathOf("f")], FollowsLinks = true };
        using var tree = new SourceTree(options, new Manifest(options.Limits));
        _ = tree.Walk().ToList();
        File.Delete(_folder.PathOf("f"));
        await System.Diagnostics.Process.Start("mkfifo", [_folder.PathOf("f")]).WaitForExitAsync(TestContext.Current.CancellationToken);

        var opening = Task.Run(() => tree.OpenFile(0), TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<ParleyException>(() => opening.WaitAsync(Deadline.Shared));

        Assert.Equal(ErrorCode.TransferChanged, refused.Code);
    }

    [Fact]
    public void Links_in_a_circle_end_the_walk()
    {
        Directory.CreateDirectory(_folder.PathOf("tree/sub"));
        Directory.CreateSymbolicLink(_folder.PathOf("tree/sub/up"), _folder.PathOf("tree"));

        var refused = Assert.Throws<ParleyException>(() => Walk(new SendOptions { Paths = [_folder.PathOf("tree")], FollowsLinks = true }));

        Assert.Contains("leads into itself", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_no_good_elsewhere_are_told_before_anything_is_sent()
    {
        Directory.CreateDirectory(_folder.PathOf("tree"));
        File.WriteAllText(_folder.PathOf("tree/con.txt"), string.Empty);

        var refused = Assert.Throws<ParleyException>(() => Walk(new SendOptions { Paths = [_folder.PathOf("tree")] }));

        Assert.Equal("tree/con.txt is a device on Windows; rename it, or --exclude it.", refused.Message);
    }

    [Fact]
    public void Two_names_that_differ_in_case_alone_are_refused()
    {
        Directory.CreateDirectory(_folder.PathOf("tree"));
        File.WriteAllText(_folder.PathOf("tree/Readme"), string.Empty);
        File.WriteAllText(_folder.PathOf("tree/readme"), string.Empty);

        Assert.Equal(ErrorCode.TransferPath, Assert.Throws<ParleyException>(() => Walk(new SendOptions { Paths = [_folder.PathOf("tree")] })).Code);
    }

    [Fact]
    public void What_fits_a_pattern_stays()
    {
        foreach (var name in (string[])["tree/a.tmp", "tree/keep", "tree/node_modules/x/y", "tree/docs/a.tmp", "tree/docs/build/z"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf(name))!);
            File.WriteAllText(_folder.PathOf(name), string.Empty);
        }

        var entries = Walk(new SendOptions { Paths = [_folder.PathOf("tree")], Excludes = ["*.tmp", "node_modules/", "/docs/build"] });

        Assert.Equal(["tree", "tree/docs", "tree/keep"], entries.Select(entry => entry.Path));
    }

    [Fact]
    public void A_file_that_became_a_link_after_the_walk_is_not_opened()
    {
        Directory.CreateDirectory(_folder.PathOf("tree/sub"));
        File.WriteAllText(_folder.PathOf("tree/sub/f"), "mine");
        File.WriteAllText(_folder.PathOf("f"), "secret");
        var options = new SendOptions { Paths = [_folder.PathOf("tree")] };
        var manifest = new Manifest(options.Limits);
        using var tree = new SourceTree(options, manifest);
        var entry = tree.Walk().ToList().FindIndex(item => item.Path == "tree/sub/f");
        Directory.Delete(_folder.PathOf("tree/sub"), recursive: true);
        Directory.CreateSymbolicLink(_folder.PathOf("tree/sub"), _folder.FullPath);

        Assert.Equal(ErrorCode.TransferChanged, Assert.Throws<ParleyException>(() => tree.OpenFile(entry)).Code);
    }

    [Fact]
    public void A_folder_that_may_be_listed_but_not_looked_into_is_refused_by_the_name_that_is_in_the_way()
    {
        Directory.CreateDirectory(_folder.PathOf("tree"));
        File.WriteAllText(_folder.PathOf("tree/shut"), string.Empty);
        var options = new SendOptions { Paths = [_folder.PathOf("tree")] };
        using var tree = new SourceTree(options, new Manifest(options.Limits), path => new HookedFolder(Folder.Open(path)) { BeforeLooking = Shut });

        var refused = Assert.Throws<ParleyException>(() => tree.Walk().ToList());

        Assert.Equal((ErrorCode.TransferPath, "tree/shut cannot be looked at; give leave to enter its folder, or --exclude it."), (refused.Code, refused.Message));

        static void Shut(string name)
        {
            if (name == "shut")
            {
                throw new IOException("Permission denied.");
            }
        }
    }

    [Theory]
    [InlineData("**/build/**", "a/build/x", true)]
    [InlineData("a/**/z", "a/z", true)]
    [InlineData("a/**/z", "a/b/c/z", true)]
    [InlineData("/a", "b/a", false)]
    [InlineData("a*c?", "abbcd", true)]
    [InlineData("a*c?", "abbc", false)]
    [InlineData("*", "x/y", true)]
    public void Patterns_fit_as_in_gitignore(string pattern, string path, bool fits) =>
        Assert.Equal(fits, new ExcludePatterns([pattern]).Match(path, isFolder: false));

    private static List<ManifestEntry> Walk(SendOptions options)
    {
        using var tree = new SourceTree(options, new Manifest(options.Limits));
        return [.. tree.Walk()];
    }
}
