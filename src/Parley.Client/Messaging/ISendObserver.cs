using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>Watches a send while it is under way. Calls come one after another and must not block.</summary>
public interface ISendObserver
{
    /// <summary>Output as it is produced; the reply has all of it again.</summary>
    void OnPart(string target, Part part);

    /// <summary>Something became of the message.</summary>
    void OnReceipt(string target, Receipt receipt);
}
