using Parley.Client.Transfer;
using Parley.Protocol.Errors;

namespace Parley.Tests.Transfer;

public sealed class TransferConflictTests
{
    [Theory]
    [InlineData(ConflictPolicy.Rename, "old", "new")]
    [InlineData(ConflictPolicy.Skip, "old", null)]
    [InlineData(ConflictPolicy.Overwrite, "new", null)]
    public async Task A_name_that_is_taken_is_treated_by_the_policy(ConflictPolicy policy, string atName, string? atNumber)
    {
        using var stage = new TransferStage();
        stage.Write("a.txt", "new"u8);
        stage.WriteOld("a.txt", "old");

        await RunAsync(stage, policy, "a.txt");

        Assert.Equal(atName, File.ReadAllText(stage.To("a.txt")));
        Assert.Equal(atNumber, File.Exists(stage.To("a (1).txt")) ? File.ReadAllText(stage.To("a (1).txt")) : null);
        Assert.Equal(atNumber is null ? 1 : 2, Directory.GetFileSystemEntries(stage.Target.FullPath).Length);
    }

    [Fact]
    public async Task A_renamed_file_that_is_sent_again_is_known()
    {
        using var stage = new TransferStage();
        stage.Write("a.txt", "new"u8);
        stage.WriteOld("a.txt", "old");
        await RunAsync(stage, ConflictPolicy.Rename, "a.txt");

        var again = await RunAsync(stage, ConflictPolicy.Rename, "a.txt");

        Assert.Equal((0, 1), (again.Files, again.Unchanged));
        Assert.Equal(2, Directory.GetFileSystemEntries(stage.Target.FullPath).Length);
    }

    [Fact]
    public async Task A_link_that_has_the_name_is_replaced_and_never_followed()
    {
        using var stage = new TransferStage();
        stage.Write("a", "new"u8);
        stage.Write("victim", "untouched"u8);
        File.CreateSymbolicLink(stage.To("a"), stage.From("victim"));

        await RunAsync(stage, ConflictPolicy.Overwrite, "a");

        Assert.Equal("untouched", File.ReadAllText(stage.From("victim")));
        Assert.Null(new FileInfo(stage.To("a")).LinkTarget);
        Assert.Equal("new", File.ReadAllText(stage.To("a")));
    }

    [Fact]
    public async Task A_dangling_link_is_not_written_through_by_renaming()
    {
        using var stage = new TransferStage();
        stage.Write("a", "new"u8);
        File.CreateSymbolicLink(stage.To("a"), stage.From("nowhere"));

        await RunAsync(stage, ConflictPolicy.Rename, "a");

        Assert.False(File.Exists(stage.From("nowhere")));
        Assert.Equal("new", File.ReadAllText(stage.To("a (1)")));
    }

    [Fact]
    public async Task A_folder_that_is_a_link_at_the_receiver_takes_nothing()
    {
        using var stage = new TransferStage();
        stage.Write("tree/sub/evil", "x"u8);
        stage.Write("tree/fine", "x"u8);
        Directory.CreateDirectory(stage.From("outside"));
        Directory.CreateDirectory(stage.To("tree"));
        Directory.CreateSymbolicLink(stage.To("tree/sub"), stage.From("outside"));

        var sent = await RunAsync(stage, ConflictPolicy.Overwrite, "tree");

        Assert.Empty(Directory.GetFileSystemEntries(stage.From("outside")));
        Assert.Contains(sent.Failures, failure => failure is { Path: "tree/sub/evil", Code: ErrorCode.TransferPath });
        Assert.True(File.Exists(stage.To("tree/fine")));
    }

    [Fact]
    public async Task A_folder_in_the_place_of_a_file_is_never_removed()
    {
        using var stage = new TransferStage();
        stage.Write("a", "new"u8);
        Directory.CreateDirectory(stage.To("a"));
        stage.WriteOld("a/kept", "kept");

        var sent = await RunAsync(stage, ConflictPolicy.Overwrite, "a");

        Assert.Equal(ErrorCode.Conflict, Assert.Single(sent.Failures).Code);
        Assert.Equal("kept", File.ReadAllText(stage.To("a/kept")));
    }

    [Theory]
    [InlineData("new")]
    [InlineData("new/")]
    [InlineData("new/deeper")]
    [InlineData(".")]
    public async Task The_output_is_a_folder_in_every_form_and_nothing_in_it_is_lost(string form)
    {
        using var stage = new TransferStage();
        stage.Write("f", "x"u8);
        stage.WriteOld("kept", "kept");

        await stage.RunAsync(new SendOptions { Paths = [stage.From("f")] }, new ReceiveOptions { Output = stage.Target.FullPath + "/" + form });

        Assert.Equal("x", File.ReadAllText(Path.Combine(stage.Target.FullPath, form, "f")));
        Assert.Equal("kept", File.ReadAllText(stage.To("kept")));
    }

    [Fact]
    public async Task An_output_that_is_a_file_is_refused_and_stays()
    {
        using var stage = new TransferStage();
        stage.Write("f", "x"u8);
        stage.WriteOld("kept", "kept");

        var refused = await Assert.ThrowsAsync<ParleyException>(() =>
            stage.RunAsync(new SendOptions { Paths = [stage.From("f")] }, new ReceiveOptions { Output = stage.To("kept") }));

        Assert.Equal(ErrorCode.InvalidArgument, refused.Code);
        Assert.Equal("kept", File.ReadAllText(stage.To("kept")));
    }

    [Fact]
    public async Task Without_room_on_the_disk_nothing_is_taken()
    {
        using var stage = new TransferStage();
        stage.Write("f", "x"u8);

        var refused = await Assert.ThrowsAsync<ParleyException>(() =>
            stage.RunAsync(new SendOptions { Paths = [stage.From("f")] }, new ReceiveOptions { Output = stage.Target.FullPath, SpareBytes = long.MaxValue / 2 }));

        Assert.Equal(ErrorCode.TransferSpace, refused.Code);
        Assert.Null(stage.Offered);
    }

    [Fact]
    public async Task Executable_bits_stay_away_where_they_are_not_wanted()
    {
        using var stage = new TransferStage();
        stage.Write("run", "#!/bin/sh\n"u8);
        File.SetUnixFileMode(stage.From("run"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await stage.RunAsync(new SendOptions { Paths = [stage.From("run")] }, new ReceiveOptions { Output = stage.Target.FullPath, KeepsExecutable = false });

        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(stage.To("run")) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute));
    }

    private static async Task<TransferResult> RunAsync(TransferStage stage, ConflictPolicy policy, string name) =>
        (await stage.RunAsync(new SendOptions { Paths = [stage.From(name)] }, new ReceiveOptions { Output = stage.Target.FullPath, Conflict = policy })).Sent;
}
