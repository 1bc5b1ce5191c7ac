using System.CommandLine;
using Parley.Client.Config;
using Parley.Hub.Backup;
using Parley.Protocol.Errors;

namespace Parley.Cli.Hosting;

/// <summary><c>parley hub restore</c>: an archive takes the place of a stopped hub.</summary>
internal sealed class HubRestoreCommand : ParleyCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "An archive of parley hub backup" };
    private readonly Option<bool> _force = new("--force") { Description = "Set aside the hub that is there, into replaced-TIME in the data folder" };

    public HubRestoreCommand(Option<string?> data)
        : base(
            "restore",
            "Verify an archive and put it in the place of a stopped hub",
            new Example("parley hub restore hub.tar.gz --data /var/lib/parley", "into an empty data folder"),
            new Example("parley hub restore hub.tar.gz --force", "in the place of this home's hub, whose files are set aside"))
    {
        Add(_file);
        Add(_force);
        Add(CommonOptions.Json);
        OnRun((context, parsed) =>
        {
            var (folder, archive) = (HubBackupCommand.DataOf(context, parsed.GetValue(data)), Path.GetFullPath(parsed.GetValue(_file)!));
            using var held = HomeFolder.Open(folder, context.Environment).TryLock(RunningHub.LockName)
                ?? throw new ParleyException(ErrorCode.Conflict, $"A hub runs on the data folder {folder}: stop it first.");
            var outcome = HubRestore.Run(archive, folder, parsed.GetValue(_force), context.Time.GetUtcNow());
            HubFile.Remove(folder);
            HubBackupCommand.Print(context, outcome, archive);
            if (outcome.SetAside is { } aside)
            {
                context.Terminal.Note($"what was there is in {aside}; delete it when it is not needed");
            }

            context.Terminal.Note($"the hub is as it was {outcome.Manifest.CreatedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}: revoke again what was revoked since, tokens that were spent since are good again");
            return 0;
        });
    }
}
