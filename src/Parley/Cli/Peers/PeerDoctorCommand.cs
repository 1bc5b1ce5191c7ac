using System.Text.Json;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer doctor</c>: what is wrong between this home and its peers, and the command that mends it.</summary>
internal sealed class PeerDoctorCommand : ParleyCommand
{
    public PeerDoctorCommand()
        : base("doctor", "Check keys, clock, names, pins, ports and old profiles, each with the command that mends it", new Example("parley peer doctor", "exit code 1 when something does not work"), new Example("parley peer doctor --json", "the findings as a list"))
    {
        Add(CommonOptions.Json);
        OnRun((context, _, cancellationToken) => RunAsync(context, cancellationToken));
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var findings = await new PeerDiagnosis(context).RunAsync(cancellationToken);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize([.. findings], PeerJson.Compact.PeerFindingArray));
        }
        else
        {
            foreach (var finding in findings)
            {
                context.Terminal.WriteLine($"{finding.Level.ToUpperInvariant(),-4} {finding.Check}: {finding.Found}");
                if (finding.Mend is { } mend)
                {
                    context.Terminal.WriteLine($"     -> {mend}");
                }
            }
        }

        return findings.Any(finding => finding.Level == PeerFinding.Fail) ? 1 : 0;
    }
}
