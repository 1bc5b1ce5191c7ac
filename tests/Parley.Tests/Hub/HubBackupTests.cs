using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Hub.Backup;
using Parley.Hub.Sessions;
using Parley.Hub.Storage;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.Tests.Hub;

public sealed class HubBackupTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly AgentAddress _agent = AgentAddress.Parse("local.agent-a");

    private readonly TempFolder _folder = new();

    private string Data => _folder.PathOf("data");

    private string Archive => _folder.PathOf("hub.tar.gz");

    [Fact]
    public async Task An_archive_holds_database_and_keys_and_is_the_owners_alone()
    {
        await MakeHubAsync(epochs: 1);

        var outcome = BackupWriter.Write(Data, Archive, _now);

        Assert.Equal(["parley.db", "hub.id", "admin.key"], outcome.Manifest.Files.Select(file => file.Name));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Archive));
        Assert.Equal(["data", "hub.tar.gz"], Directory.EnumerateFileSystemEntries(_folder.FullPath).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task An_archive_never_takes_the_place_of_a_file()
    {
        await MakeHubAsync(epochs: 1);
        File.WriteAllText(Archive, "mine");

        Assert.Equal(ErrorCode.Conflict, Assert.Throws<ParleyException>(() => BackupWriter.Write(Data, Archive, _now)).Code);
        Assert.Equal("mine", File.ReadAllText(Archive));
    }

    [Fact]
    public async Task A_restored_hub_has_its_keys_and_rows_and_files_of_mode_0600()
    {
        await MakeHubAsync(epochs: 3);
        BackupWriter.Write(Data, Archive, _now);
        var target = _folder.PathOf("elsewhere");
        SecretFile.OpenFolder(target);

        var outcome = HubRestore.Run(Archive, target, isForced: false, _now);

        Assert.Null(outcome.SetAside);
        Assert.Equal("hub-abcdefghijklmnop\n", Encoding.ASCII.GetString(SecretFile.Read(Path.Combine(target, "hub.id"))));
        Assert.Equal(["admin.key", "hub.id", "parley.db"], Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(target), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Epochs_never_go_back_however_often_an_old_archive_is_restored()
    {
        await MakeHubAsync(epochs: 3);
        BackupWriter.Write(Data, Archive, _now);
        var last = await NextEpochAsync(Data, 5);

        HubRestore.Run(Archive, Data, isForced: true, _now);
        var afterFirst = await NextEpochAsync(Data, 5);

        // The second time the machine's clock has gone back a year: what is replaced still counts.
        HubRestore.Run(Archive, Data, isForced: true, _now.AddYears(-1));
        var afterSecond = await NextEpochAsync(Data, 1);

        Assert.True(afterFirst > last);
        Assert.True(afterSecond > afterFirst);
    }

    [Fact]
    public async Task An_agent_that_enrols_after_a_restore_under_a_name_from_before_starts_above_it_too()
    {
        await MakeHubAsync(epochs: 0);
        BackupWriter.Write(Data, Archive, _now);
        var last = await NextEpochAsync(Data, 7);

        HubRestore.Run(Archive, Data, isForced: true, _now);

        Assert.True(await NextEpochAsync(Data, 1) > last);
    }

    [Fact]
    public async Task A_folder_with_a_hub_is_left_alone_unless_forced_and_then_its_files_are_set_aside()
    {
        await MakeHubAsync(epochs: 1);
        BackupWriter.Write(Data, Archive, _now);

        var refusal = Assert.Throws<ParleyException>(() => HubRestore.Run(Archive, Data, isForced: false, _now));
        var outcome = HubRestore.Run(Archive, Data, isForced: true, _now);

        Assert.Equal(ErrorCode.Conflict, refusal.Code);
        Assert.Contains("--force", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("parley.db", Directory.GetFiles(outcome.SetAside!).Select(Path.GetFileName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(outcome.SetAside!));
    }

    [Fact]
    public async Task An_interrupted_exchange_keeps_a_hub_from_starting()
    {
        await MakeHubAsync(epochs: 1);
        SecretFile.Write(Path.Combine(Data, HubFiles.Restoring), []);

        Assert.Throws<ParleyException>(() => HubFiles.RequireWhole(Data));
        Assert.Throws<ParleyException>(() => BackupWriter.Write(Data, Archive, _now));
    }

    [Fact]
    public async Task A_damaged_archive_changes_nothing()
    {
        await MakeHubAsync(epochs: 2);
        BackupWriter.Write(Data, Archive, _now);
        var whole = await File.ReadAllBytesAsync(Archive);
        var before = Snapshot();
        var random = new Random(20);
        var refused = 0;

        for (var round = 0; round < 300; round++)
        {
            var damaged = (byte[])whole.Clone();
            var cut = random.Next(damaged.Length);
            damaged[cut] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(Archive, round % 3 == 0 ? damaged[..cut] : damaged);
            try
            {
                // A bit of gzip's header or tar's last padding may say nothing; then every file was verified all the same.
                using var scratch = new TempFolder();
                BackupReader.Unpack(Archive, scratch.FullPath, HubSchema.Migrations.Count);
            }
            catch (ParleyException exception)
            {
                Assert.Equal(ErrorCode.BackupDamaged, exception.Code);
                Assert.Throws<ParleyException>(() => HubRestore.Run(Archive, Data, isForced: true, _now));
                refused++;
            }
        }

        Assert.True(refused > 200, $"{refused}");
        Assert.Equal(before, Snapshot());
    }

    public void Dispose() => _folder.Dispose();

    private async Task MakeHubAsync(int epochs)
    {
        SecretFile.OpenFolder(Data);
        SecretFile.Write(Path.Combine(Data, "hub.id"), "hub-abcdefghijklmnop\n"u8);
        SecretFile.Write(Path.Combine(Data, "admin.key"), "secret\n"u8);
        await NextEpochAsync(Data, epochs);
    }

    private static async Task<ulong> NextEpochAsync(string data, int times)
    {
        await using var store = SqliteStore.Open(
            new SqliteStoreOptions { File = Path.Combine(data, "parley.db"), Durability = Durability.Normal }, HubSchema.Migrations, NullLogger.Instance, TimeProvider.System);
        ulong epoch = 0;
        for (var index = 0; index < times; index++)
        {
            epoch = await new SessionEpochs(store).NextAsync(_agent, SessionRole.Listen, CancellationToken.None);
        }

        return epoch;
    }

    private string Snapshot() => string.Join(' ', Directory.GetFiles(Data).Order().Select(file => Path.GetFileName(file) + ":" + BackupWriter.HashOf(file)));
}
