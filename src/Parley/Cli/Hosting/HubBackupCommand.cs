using System.CommandLine;
using System.Text.Json;
using Parley.Hub.Backup;
using Parley.Protocol.Formats;

namespace Parley.Cli.Hosting;

/// <summary><c>parley hub backup</c>: one archive of a hub, running or not.</summary>
internal sealed class HubBackupCommand : ParleyCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The new archive, mode 0600" };

    public HubBackupCommand(Option<string?> data)
        : base(
            "backup",
            "Copy a hub, running or stopped, into one archive: database and keys",
            new Example("parley hub backup hub.tar.gz", "the hub of this home"),
            new Example("parley hub backup /mnt/copies/hub.tar.gz --data /var/lib/parley", "another; the archive holds secrets, keep it like the admin key"))
    {
        Add(_file);
        Add(CommonOptions.Json);
        OnRun((context, parsed) =>
        {
            var folder = DataOf(context, parsed.GetValue(data));
            var outcome = BackupWriter.Write(folder, Path.GetFullPath(parsed.GetValue(_file)!), context.Time.GetUtcNow());
            Print(context, outcome, Path.GetFullPath(parsed.GetValue(_file)!));
            context.Terminal.Note("the archive holds the hub's keys, the admin key and what waits in mailboxes: keep it as secret as they are");
            if (!outcome.Manifest.Files.Any(file => file.Name.EndsWith(".pem", StringComparison.Ordinal)))
            {
                context.Terminal.Note("a certificate of --tls CERT,KEY is not in it: its files are yours");
            }

            return 0;
        });
    }

    /// <summary>The data folder that an option, a variable or the home names.</summary>
    public static string DataOf(CommandContext context, string? option) =>
        Path.GetFullPath(option ?? HubEnvironment.Read(context.Environment).DataFolder ?? context.LocateHome("hub"));

    /// <summary>Prints what is in an archive.</summary>
    public static void Print(CommandContext context, BackupOutcome outcome, string archive)
    {
        var manifest = outcome.Manifest;
        if (context.IsJson)
        {
            var json = new BackupOutcomeJson(
                archive, outcome.Sha256, manifest.Hub, manifest.CreatedAt, manifest.Software, [.. manifest.Files.Select(file => new BackupFileJson(file.Name, file.Size, file.Sha256))], outcome.SetAside);
            context.Terminal.WriteJson(JsonSerializer.Serialize(json, CliJson.Compact.BackupOutcomeJson));
            return;
        }

        context.Terminal.WriteLine($"{outcome.Sha256}  {archive}");
        context.Terminal.Note($"{manifest.Hub} as of {manifest.CreatedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}: {string.Join(", ", manifest.Files.Select(file => $"{file.Name} {SizeText.Format(file.Size)}"))}");
    }
}

/// <summary>What <c>backup --json</c> and <c>restore --json</c> print.</summary>
internal sealed record BackupOutcomeJson(
    string Archive, string Sha256, string Hub, DateTimeOffset CreatedAt, string Software, IReadOnlyList<BackupFileJson> Files, string? SetAside);

/// <summary>One file of an archive.</summary>
internal sealed record BackupFileJson(string Name, long Size, string Sha256);
