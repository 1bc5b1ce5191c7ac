using Parley.EndToEndTests.Cli;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>A receiver's disk that is full, fills up or is closed to it: both ends hear why, and the same command goes on once that is mended.</summary>
public sealed class DiskProcessTests
{
    [Fact]
    public async Task A_disk_without_room_is_told_to_both_ends()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var disk = await SmallDisk.MountAsync(8);
        var source = MakeFile(hub.HomeOf("large"), 12 << 20);
        await using var receiver = Receive(hub, disk.FullPath);
        await receiver.WaitForErrorAsync("listening");

        var sent = await SendAsync(hub, source);

        Assert.Equal((1, 1), (sent.ExitCode, await receiver.WaitForExitAsync()));
        Assert.Contains("no room", sent.Error, StringComparison.Ordinal);
        Assert.Contains($"no room in {disk.FullPath}: free 20 MiB there", receiver.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(disk.FullPath, sent.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(disk.FullPath));
    }

    [Fact]
    public async Task A_disk_that_fills_up_keeps_what_was_verified_and_the_same_command_goes_on_after_room_was_made()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var disk = await SmallDisk.MountAsync(64);
        var source = MakeFile(hub.HomeOf("large"), 12 << 20);
        var folder = Path.Combine(disk.FullPath, "in");
        await using (var receiver = Receive(hub, folder))
        {
            await receiver.WaitForErrorAsync("listening");
            await using var sender = ParleyProgram.Start(hub.HomeOf("a"), "p2p", "send", source, "agent-b", "--chunk", "256KiB", "--limit-rate", "1MiB");
            await UntilChunksAsync(folder);
            disk.Fill();

            Assert.Equal((1, 1), (await sender.WaitForExitAsync(), await receiver.WaitForExitAsync()));
            Assert.Contains("The receiver's disk is full", sender.Error, StringComparison.Ordinal);
            Assert.Contains($"no room in {folder}: free 2", receiver.Error, StringComparison.Ordinal);
        }

        disk.Free();
        await using var again = Receive(hub, folder);
        await again.WaitForErrorAsync("listening");
        var sent = await SendAsync(hub, source);

        Assert.Equal((0, 0), (sent.ExitCode, await again.WaitForExitAsync()));
        Assert.Contains("from an earlier try", again.Error, StringComparison.Ordinal);
        AssertSame(source, Path.Combine(folder, "large"));
    }

    [Fact]
    public async Task A_folder_that_is_closed_to_the_receiver_fails_the_files_and_opened_again_they_go_on()
    {
        await using var hub = await TwoHomes.StartAsync();
        using var shared = new TempFolder();
        var source = MakeFile(hub.HomeOf("large"), 12 << 20);
        var folder = shared.PathOf("in");
        Directory.CreateDirectory(folder);
        await using (var receiver = await ReceiveAsAnotherAsync(hub, shared, folder))
        {
            await using var sender = ParleyProgram.Start(hub.HomeOf("a"), "p2p", "send", source, "agent-b", "--chunk", "256KiB", "--limit-rate", "1MiB");
            await UntilChunksAsync(folder);
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);

            Assert.Equal((1, 1), (await sender.WaitForExitAsync(), await receiver.WaitForExitAsync()));
            Assert.All([sender, receiver], static end => Assert.True(end.Error.Contains("large: The receiver may not write into its folder.", StringComparison.Ordinal), end.ToString()));
        }

        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var again = await ReceiveAsAnotherAsync(hub, shared, folder);
        var sent = await SendAsync(hub, source);

        Assert.Equal((0, 0), (sent.ExitCode, await again.WaitForExitAsync()));
        Assert.True(again.Error.Contains("from an earlier try", StringComparison.Ordinal), again.ToString());
        AssertSame(source, Path.Combine(folder, "large"));
    }

    /// <summary>No folder is closed to root, so another user receives where the tests are root's.</summary>
    private static async Task<RealProcess> ReceiveAsAnotherAsync(HubProcess hub, TempFolder shared, string folder)
    {
        string[] command = [ParleyProgram.FullPath, "p2p", "recv", "--once", "--yes", "-o", folder];
        var home = shared.PathOf("home");
        if (!Directory.Exists(home))
        {
            Directory.Move(hub.HomeOf("b"), home);
        }

        var environment = new Dictionary<string, string?> { ["PARLEY_HOME"] = home, ["PARLEY_LOG"] = null };
        if (Environment.IsPrivilegedProcess)
        {
            const string User = "12345";
            await RealProcess.RunAsync("chown", ["-R", $"{User}:{User}", shared.FullPath]);
            command = [Requires.Program("setpriv"), "--reuid", User, "--regid", User, "--clear-groups", .. command];
        }

        var receiver = RealProcess.Start(command[0], command[1..], environment);
        try
        {
            await receiver.WaitForErrorAsync("listening");
            return receiver;
        }
        catch (TimeoutException) when (receiver.HasExited && receiver.ExitCode is 126 or 127)
        {
            Assert.Skip("other users may not run the program where it is built");
            throw;
        }
    }

    private static RealProcess Receive(HubProcess hub, string folder) => ParleyProgram.Start(hub.HomeOf("b"), "p2p", "recv", "--once", "--yes", "-o", folder);

    private static Task<ProcessOutcome> SendAsync(HubProcess hub, string source) => ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "send", source, "agent-b", "--chunk", "256KiB");

    private static string MakeFile(string path, int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void AssertSame(string source, string target) => Assert.True(File.ReadAllBytes(source).AsSpan().SequenceEqual(File.ReadAllBytes(target)));

    /// <summary>Waits until some chunks are verified: their hashes stand in the state file behind 80 bytes.</summary>
    private static Task UntilChunksAsync(string folder) => Deadline.UntilAsync(
        () => Directory.Exists(folder) && Directory.EnumerateFiles(folder, ".parley-*.state").Any(static file => new FileInfo(file).Length >= 80 + (4 * 32)),
        "the first chunks");
}
