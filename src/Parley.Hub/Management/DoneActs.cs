using Microsoft.Extensions.Logging;
using Parley.Hub.Identity;

namespace Parley.Hub.Management;

/// <summary>Writes acts into the audit that were done already, where act and row cannot be one commit.</summary>
/// <param name="audit">The audit.</param>
/// <param name="log">Hears which act is missing there.</param>
internal sealed partial class DoneActs(Audit audit, ILogger<DoneActs> log)
{
    /// <summary>Writes an act down. A failure is logged and not thrown: the answer says what is so now, and may hold the only copy of a secret.</summary>
    /// <param name="actor">Who did it.</param>
    /// <param name="act">What.</param>
    /// <param name="target">To whom or what; never a secret.</param>
    /// <param name="detail">More, short.</param>
    /// <param name="source">From where.</param>
    public async Task RememberAsync(string actor, string act, string target, string detail, string source)
    {
        try
        {
            await audit.WriteAsync(actor, act, target, detail, source, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogMissing(exception, act, actor, target);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An act is missing in the audit: {Act} by {Actor} on {Target}")]
    private partial void LogMissing(Exception exception, string act, string actor, string target);
}
