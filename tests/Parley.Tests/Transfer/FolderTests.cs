using Parley.Client.Transfer.Disk;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Transfer;

public sealed class FolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_link_is_no_folder_and_no_file()
    {
        Directory.CreateDirectory(_folder.PathOf("outside"));
        Directory.CreateSymbolicLink(_folder.PathOf("link"), _folder.PathOf("outside"));
        File.WriteAllText(_folder.PathOf("file"), "x");
        File.CreateSymbolicLink(_folder.PathOf("filelink"), _folder.PathOf("file"));
        using var folder = Folder.Open(_folder.FullPath);

        Assert.Equal(ErrorCode.TransferPath, Assert.Throws<ParleyException>(() => folder.Enter("link", makes: true)).Code);
        Assert.Equal(ErrorCode.TransferPath, Assert.Throws<ParleyException>(() => folder.Enter("file", makes: true)).Code);
        Assert.Null(folder.OpenFile("filelink", writes: true));
        Assert.Null(folder.Create("filelink", 0x1B6));
        Assert.Equal(FileType.Link, folder.Look("filelink")!.Value.Type);
        Assert.Null(folder.Enter("none", makes: false));
    }

    [Fact]
    public void A_name_that_is_taken_is_not_given_twice_but_replaced_when_asked()
    {
        using var folder = Folder.Open(_folder.FullPath);
        File.WriteAllText(_folder.PathOf("a"), "old");
        File.WriteAllText(_folder.PathOf("t"), "new");

        var isNamed = folder.TryName("t", "a");
        folder.Replace("t", "a");

        Assert.False(isNamed);
        Assert.Equal("new", File.ReadAllText(_folder.PathOf("a")));
        Assert.Equal(["a"], folder.List());
    }

    [Fact]
    public void Modes_are_asked_for_at_once_and_less_the_users_mask()
    {
        using var folder = Folder.Open(_folder.FullPath);

        folder.Create("secret", 0x180)!.Dispose();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.PathOf("secret")));
    }

    // Somebody swaps a folder for a link that leads out while files are written below it.
    [Fact]
    public async Task Whoever_swaps_a_parent_for_a_link_gets_nothing_written_outside()
    {
        Directory.CreateDirectory(_folder.PathOf("in/sub"));
        Directory.CreateDirectory(_folder.PathOf("out"));
        using var root = Folder.Open(_folder.PathOf("in"));
        using var stop = new CancellationTokenSource();
        var swapping = Task.Run(() => Swap(_folder.PathOf("in/sub"), _folder.PathOf("out"), stop.Token));

        var (written, refused) = (0, 0);
        for (var number = 0; number < 3000; number++)
        {
            try
            {
                using var sub = root.Enter("sub", makes: false);
                using var file = sub?.Create($"t{number}", 0x1B6);
                sub?.TryName($"t{number}", $"f{number}");
                written++;
            }
            catch (Exception exception) when (exception is ParleyException or IOException)
            {
                refused++;
            }
        }

        await stop.CancelAsync();
        await swapping;
        Assert.Empty(Directory.GetFileSystemEntries(_folder.PathOf("out")));
        Assert.Equal(3000, written + refused);
    }

    private static void Swap(string name, string outside, CancellationToken cancellationToken)
    {
        var aside = name + ".aside";
        while (!cancellationToken.IsCancellationRequested)
        {
            Directory.Move(name, aside);
            File.CreateSymbolicLink(name, outside);
            File.Delete(name);
            Directory.Move(aside, name);
        }
    }
}
