using System.Text.Json;

namespace Parley.Cli.Home;

/// <summary><c>parley doctor</c>: what is wrong, and who can put it right.</summary>
internal sealed class DoctorCommand : ParleyCommand
{
    public DoctorCommand()
        : base(
            "doctor",
            "Check home, keys, hub, link and clock, and say who can fix what",
            new Example("parley doctor", "exit code 1 when something is wrong"),
            new Example("parley doctor --json", "the checks as a list"))
    {
        Add(CommonOptions.Json);
        OnRun((context, _, cancellationToken) => RunAsync(context, cancellationToken));
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var results = await new Diagnosis(context).RunAsync(cancellationToken);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize([.. results], CliJson.Compact.CheckResultArray));
        }
        else
        {
            foreach (var result in results)
            {
                context.Terminal.WriteLine($"{(result.Ok ? "ok  " : "FAIL")} {result.Check}: {result.Found}{(result.Fixer is null ? string.Empty : $" ({result.Fixer})")}");
            }
        }

        return results.All(result => result.Ok) ? 0 : 1;
    }
}
